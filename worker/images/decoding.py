"""From the payload to pixels, frame by frame, each format by exactly its own decoder.

Pillow's plugin classes are called directly rather than through `Image.open`: it would come to the same class after
loading every plugin there is, and it reports large pictures through the process-wide `warnings`. Whether a picture is
too large is decided in `admission`, by what it needs.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Final

from PIL import BmpImagePlugin, GifImagePlugin, Image, ImageFile, JpegImagePlugin, PngImagePlugin, TiffImagePlugin
from PIL import WebPImagePlugin

from worker.images.containers import avif, heif
from worker.images.fit import Box, Size
from worker.images.header import Header
from worker.images.translation import translated

_SCALES: Final = (8, 4, 2, 1)
_PLUGINS: Final[Mapping[str, Callable[[io.BytesIO], ImageFile.ImageFile]]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}

Frame = tuple[Image.Image, int]


def reduction(header: Header, needed: Size) -> int:
    """Return by what a JPEG can be reduced while it is decoded (1, 2, 4 or 8) and still have the `needed` stored size."""
    if header.format != "JPEG":
        return 1
    spare = min(header.width // needed[0], header.height // needed[1])
    return next(scale for scale in _SCALES if spare >= scale or scale == 1)


def decode_still(header: Header, needed: Size) -> tuple[Image.Image, Box]:
    """Decode the first frame, reduced where that leaves the `needed` stored size.

    Returns:
        The picture, and the part of it that is the picture: reducing rounds up to whole pixels.

    Raises:
        Reject: See `translated`.
    """
    scale = reduction(header, needed)
    with translated(header.format):
        if header.format in ("AVIF", "HEIF"):
            return frames_of(header)(0)[0], (0, 0, *header.size)
        image = _open(header)
        if scale > 1:
            image.draft(None, (header.width // scale, header.height // scale))
        image.load()
    return image, (0, 0, header.width / scale, header.height / scale)


def frames_of(header: Header) -> Callable[[int], Frame]:
    """Return a function from a frame's index to the frame and its duration in milliseconds; indices only grow."""
    if header.format == "AVIF":
        return _avif_frames(header)
    if header.format == "HEIF":
        return lambda _: (_heif_frame(header), 0)
    image = _open(header)

    def frame(index: int) -> Frame:
        image.seek(index)
        image.load()
        return image, round(image.info.get("duration", 0))

    return frame


def _open(header: Header) -> ImageFile.ImageFile:
    image = _PLUGINS[header.format](io.BytesIO(header.payload))
    if image.size != header.size and header.format != "GIF":
        raise ValueError("its headers contradict each other")
    if header.format == "TIFF":
        # Memory of our own, because the plugin would measure the picture against Pillow's global limit.
        image.im = Image.core.new(image.mode, image.size)
    return image


def _avif_frames(header: Header) -> Callable[[int], Frame]:
    decoder = avif.open_decoder(header.payload)

    def frame(index: int) -> Frame:
        data, timescale, _, duration = decoder.get_frame(index)
        return Image.frombytes(header.mode, header.size, data), round(1000 * duration / timescale)

    return frame


def _heif_frame(header: Header) -> Image.Image:
    picture = heif.open_picture(header.payload)
    data = picture.data
    if picture.size != header.size:
        raise ValueError("its headers contradict each other")
    mode = "RGBA" if picture.mode == "RGBa" else picture.mode
    return Image.frombytes(mode, picture.size, data, "raw", picture.mode, picture.stride)
