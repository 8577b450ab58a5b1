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
    ImageChops,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
)

from worker.contracts.errors import Truncated
from worker.contracts.notes import NO_END_MARK
from worker.images.containers.apng import default_image
from worker.images.pixels.frames import FRAMES, Frame
from worker.images.pixels.splice import Splice
from worker.images.planning.plan import reduction
from worker.images.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.images.headers.header import Header
    from worker.images.planning.fit import Size

_BEHIND: Final = (b"\x00" * 64 + b"\xff\xd9", b"\xff\x00" * 64 + b"\xff\xd9")
"""Bits of zero and of one, and the end mark."""
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
        if header.format == "JPEG" and NO_END_MARK in header.notes:
            return _decode_without_end(header, needed)
        return _decode(_open(header), header, needed)


def _decode(image: ImageFile.ImageFile, header: Header, needed: Size) -> Image.Image:
    scale = reduction(header, needed)
    if scale > 1:
        image.draft(None, (header.width // scale, header.height // scale))
    image.load()
    return image


def _decode_without_end(header: Header, needed: Size) -> Image.Image:
    """Decode a JPEG without its end mark, twice, with other bytes behind it: they show wherever its own bits do not suffice.

    Raises:
        Truncated: They do: pixels are missing.
    """
    first, second = (_decode(_open(header, behind), header, needed) for behind in _BEHIND)
    if ImageChops.difference(first, second).getbbox(alpha_only=False):
        raise Truncated("The JPEG ends before its picture does. Upload the whole file again.")
    return first


def frames_of(header: Header) -> Callable[[int], Frame]:
    """Return a function from a frame's index to the frame; it must be called with growing indices."""
    return FRAMES[header.format](header)


def _open(header: Header, behind: bytes = b"") -> ImageFile.ImageFile:
    image = _PLUGINS[header.format](_file(header, behind))
    if image.size != header.size:
        raise ValueError("its headers contradict each other")
    if header.format == "TIFF":
        # Allocate the pixels here: the plugin would check the size against Pillow's global limit.
        image.im = Image.new(image.mode, image.size).im
    return image


def _file(header: Header, behind: bytes) -> io.BytesIO | io.BufferedReader:
    if header.rest:
        return io.BufferedReader(Splice(header.payload, header.rest, behind))
    if header.format == "PNG":
        return io.BufferedReader(Splice(*default_image(header.payload)))
    return io.BytesIO(header.payload)
