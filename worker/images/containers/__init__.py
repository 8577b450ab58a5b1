"""The structures that files are made of."""
