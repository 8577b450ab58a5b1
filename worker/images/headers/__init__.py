"""From a file's bytes to its `Header`: which format it is, and what it states about its picture.

Decodes no pixel. Must never know which renditions are wanted or how much memory there is.
"""
