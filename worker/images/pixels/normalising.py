"""Decoded pixels become an upright 8-bit sRGB picture of the size that is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PIL import Image

from worker.images.pixels.resampling import resample
from worker.images.pixels.unpacking import unpack
from worker.images.planning.plan import reduction

if TYPE_CHECKING:
    from worker.images.headers.header import Header
    from worker.images.pixels.colour import Colours
    from worker.images.planning.fit import Size

_FILTERS: Final = {"JPEG": Image.Resampling.BICUBIC}
"""Where not Lanczos: photographs are the bulk of the work, the bicubic filter takes three quarters of the time, and what
the third lobe would keep is what JPEG has blurred (`python -m bench.render` compares the likeness and the bytes)."""

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def normalise(image: Image.Image, header: Header, colours: Colours, needed: Size) -> Image.Image:
    """Return an upright 8-bit sRGB picture of the `needed` stored size: colour after size, because it costs less."""
    image = unpack(image, header)
    image = _shrink(image, header, needed)
    image = colours.to_srgb(image)
    return _upright(image, header.orientation)


def _shrink(image: Image.Image, header: Header, needed: Size) -> Image.Image:
    """Resample to the `needed` size; Pillow multiplies alpha in before and out after, so no fringes appear."""
    if needed == header.size:
        return image
    # A reduced JPEG is rounded up to whole pixels: only a part of the last ones is picture.
    scale = reduction(header, needed)
    box = (0, 0, header.width / scale, header.height / scale)
    return resample(image, needed, box, _FILTERS.get(header.format, Image.Resampling.LANCZOS))


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    method = _TURNS.get(orientation)
    return image if method is None else image.transpose(method)
