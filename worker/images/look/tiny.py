"""A picture in a few pixels: all that a look is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from worker.images.planning.fit import Size

SIDE: Final = 24
"""Pixels of the longer side: more would make a placeholder hardly sharper."""
COARSE: Final = 16
"""Enough for a colour, and for the seven frequencies that a ThumbHash has along a side; half of the time that `SIDE` takes."""


def tiny(image: Image.Image) -> Image.Image:
    """Return the picture as `RGB` or `RGBA`, no larger than `SIDE`.

    Whole factors come first: Pillow averages them in one pass, without a copy of the picture unless it is transparent.
    """
    factor = max(image.size) // SIDE
    small = image.reduce((min(factor, image.width), min(factor, image.height))) if factor > 1 else image
    small = _resized(small, _fitted(image.size, SIDE))
    return small.convert("RGBA" if small.mode in ("LA", "RGBA") else "RGB")


def reduced(image: Image.Image, side: int) -> Image.Image:
    """Return a tiny picture with no more than `side` pixels along its longer side."""
    return _resized(image, _fitted(image.size, side))


def _fitted(size: Size, side: int) -> Size:
    width, height = size
    longer = max(size)
    return size if longer <= side else (max(1, round(width * side / longer)), max(1, round(height * side / longer)))


def _resized(image: Image.Image, size: Size) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.BOX)
