"""The renditions of one picture: pixels and encoding, put together.

Must never judge whether the picture fits into memory (admission has), nor know where a rendition is stored.
"""
