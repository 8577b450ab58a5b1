"""The structures that files are made of: boxes, chunks, tags."""
