"""From pixels to the bytes of a rendition.

Must never see the source file: of its metadata only the fields of `Exif` get here.
"""
