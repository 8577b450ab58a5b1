"""The structures that image files consist of, as bytes: boxes, chunks, blocks, segments, tags.

Must never know what is made of them: no header, no pixels, no Pillow.
"""
