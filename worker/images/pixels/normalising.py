"""From decoded pixels to an upright 8-bit sRGB picture of the needed size."""

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

_TRANSPOSITIONS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def normalise(image: Image.Image, header: Header, colours: Colours, needed: Size) -> Image.Image:
    """Return the picture in the `needed` stored size, in sRGB, then upright.

    Colours are converted after resampling, because that leaves fewer pixels. Only the variable `image` holds a picture,
    so that the input of each step is freed when its output exists.
    """
    image = unpack(image, header)
    image = _resample_to(image, header, needed)
    image = colours.to_srgb(image)
    return _upright(image, header.orientation)


def _resample_to(image: Image.Image, header: Header, needed: Size) -> Image.Image:
    """Resample to the `needed` size."""
    if needed == header.size:
        return image
    # The size of a reduced JPEG is rounded up: its last row and column are only partly covered by the picture.
    scale = reduction(header, needed)
    box = (0, 0, header.width / scale, header.height / scale)
    return resample(image, needed, box, lossy=header.format == "JPEG")


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    method = _TRANSPOSITIONS.get(orientation)
    return image if method is None else image.transpose(method)
