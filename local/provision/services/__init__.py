"""Resource types by service: which request makes one, and from which properties."""
