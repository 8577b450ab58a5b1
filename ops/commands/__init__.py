"""The commands: each docstring is its manual, each function parses options and calls another room. Never asks AWS itself."""
