"""The two buckets, and when their objects are archived or deleted. Never knows who reads or writes them."""
