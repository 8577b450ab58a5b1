"""What a run uploads: pictures that show their version, and poison."""
