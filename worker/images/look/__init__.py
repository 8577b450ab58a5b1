"""What a page shows before a picture has loaded: a colour, a placeholder and a ThumbHash, from pixels that are in memory anyway.

Must never decode anything, nor see a crop: a look is of the whole picture, upright, in sRGB.
"""

from worker.images.look.look import Look, look_of

__all__ = ["Look", "look_of"]
