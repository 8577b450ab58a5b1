"""Dead letters: which ones, what is to be done about each, kept in a file, removed. Never sends one back."""
