"""The commands about dead letters, under `dlq`: each docstring is its manual. Never more than parsing and printing."""
