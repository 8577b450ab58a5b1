"""Resource types by service: which request makes one, and from which properties. Never decides when, or in which order."""
