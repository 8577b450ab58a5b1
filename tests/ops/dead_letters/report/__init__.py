"""The report of the dead letters."""
