"""Foreign messages: a generator of them, and the handler with good neighbours beside one."""
