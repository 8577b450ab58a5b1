"""The two buckets, when their objects are archived or deleted, and what roles may do on them. Never knows the roles."""
