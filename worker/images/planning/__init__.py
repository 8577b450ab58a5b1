"""What a recipe makes of one picture: the sizes, which renditions are animated, and what is decoded for them.

Arithmetic on the header and the specs. Must never know pixels, encoders or memory.
"""
