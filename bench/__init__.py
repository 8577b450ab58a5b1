"""Measurements of what the documentation promises; each is a module with a command line of its own."""
