"""The commands: each docstring is its manual, each function reads its options and tells the other modules what to do."""
