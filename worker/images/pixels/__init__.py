"""From a header to pixels: decoding, 8 bits per channel, the needed size, sRGB, upright.

Must never know the format, quality or effort of a rendition.
"""
