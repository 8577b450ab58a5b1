"""A bucket that others own: its notification configuration, and the one flag of it that is ours. Never changes anything else in it."""
