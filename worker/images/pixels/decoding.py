"""From a payload to pixels, each format by exactly one decoder.

Pillow's plugin classes are called directly: `Image.open` would load every plugin to find the same class, and reports
large pictures through the process-wide `warnings`. `admission` decides whether a picture is too large.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import (
    BmpImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
)

from worker.images.containers.apng import default_image
from worker.images.pixels.frames import FRAMES, Frame
from worker.images.pixels.splice import Splice
from worker.images.planning.plan import reduction
from worker.images.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.images.headers.header import Header
    from worker.images.planning.fit import Size

_PLUGINS: Final[Mapping[str, Callable[[io.BytesIO | io.BufferedReader], ImageFile.ImageFile]]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}


def decode_still(header: Header, needed: Size) -> Image.Image:
    """Decode the first frame; a JPEG is reduced while it is decoded, to no less than the `needed` stored size.

    Raises:
        Reject: See `translated`.
    """
    with translated(header.format):
        if header.format not in _PLUGINS:
            return frames_of(header)(0)[0]
        image = _open(header)
        scale = reduction(header, needed)
        if scale > 1:
            image.draft(None, (header.width // scale, header.height // scale))
        image.load()
        return image


def frames_of(header: Header) -> Callable[[int], Frame]:
    """Return a function from a frame's index to the frame; it must be called with growing indices."""
    return FRAMES[header.format](header)


def _open(header: Header) -> ImageFile.ImageFile:
    image = _PLUGINS[header.format](_file(header))
    if image.size != header.size:
        raise ValueError("its headers contradict each other")
    if header.format == "TIFF":
        # Allocate the pixels here: the plugin would check the size against Pillow's global limit.
        image.im = Image.new(image.mode, image.size).im
    return image


def _file(header: Header) -> io.BytesIO | io.BufferedReader:
    if header.rest:
        return io.BufferedReader(Splice(header.payload, header.rest))
    if header.format == "PNG":
        return io.BufferedReader(Splice(*default_image(header.payload)))
    return io.BytesIO(header.payload)
