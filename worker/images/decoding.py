"""From the payload to pixels, frame by frame, each format by exactly its own decoder.

Pillow's plugin classes are called directly rather than through `Image.open`: it would come to the same class after
loading every plugin there is, and it reports large pictures through the process-wide `warnings`. Whether a picture is
too large is decided in `admission`, by what it needs.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    _webp,
)

from worker.images.containers import avif, gif, heif
from worker.images.plan import reduction
from worker.images.splice import Splice
from worker.images.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.images.fit import Size
    from worker.images.header import Header

_PLUGINS: Final[Mapping[str, Callable[[io.BytesIO | io.BufferedReader], ImageFile.ImageFile]]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}

Frame = tuple[Image.Image, int]


def decode_still(header: Header, needed: Size) -> Image.Image:
    """Decode the first frame, a JPEG reduced where that leaves the `needed` stored size.

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
    """Return a function from a frame's index to the frame and its duration in milliseconds; indices only grow."""
    special = {"AVIF": _avif_frames, "GIF": _gif_frames, "HEIF": _heif_frames, "WEBP": _webp_frames}
    if header.format in special:
        return special[header.format](header)
    image = _open(header)

    def frame(index: int) -> Frame:
        image.seek(index)
        image.load()
        return image, round(image.info.get("duration", 0))

    return frame


def _open(header: Header) -> ImageFile.ImageFile:
    image = _PLUGINS[header.format](_file(header))
    if image.size != header.size:
        raise ValueError("its headers contradict each other")
    if header.format == "TIFF":
        # Memory of our own, because the plugin would measure the picture against Pillow's global limit.
        image.im = Image.new(image.mode, image.size).im
    return image


def _file(header: Header) -> io.BytesIO | io.BufferedReader:
    return io.BufferedReader(Splice(header.payload, header.rest)) if header.rest else io.BytesIO(header.payload)


def _avif_frames(header: Header) -> Callable[[int], Frame]:
    decoder = avif.open_decoder(header.payload)

    def frame(index: int) -> Frame:
        data, timescale, _, duration = decoder.get_frame(index)
        return Image.frombytes(header.mode, header.size, data), round(1000 * duration / timescale)

    return frame


def _gif_frames(header: Header) -> Callable[[int], Frame]:
    """Compose the frames ourselves, as browsers do: on a canvas that is clear where nothing was drawn.

    Pillow's plugin would fill it with a colour unless the first frame happens to have a transparent one.
    """
    found = gif.parts(header.payload)
    canvas = Image.new("RGBA", header.size) if header.mode == "RGBA" else None
    after = canvas

    def frame(_: int) -> Frame:
        nonlocal canvas, after
        part = next(found)
        drawn = GifImagePlugin.GifImageFile(io.BytesIO(part.file(header.payload)))
        drawn.load()
        if canvas is None or after is None:
            return drawn, part.delay
        canvas = after
        after = canvas.copy() if part.disposal == gif.TO_PREVIOUS else canvas
        picture = drawn.convert("RGBA")
        canvas.paste(picture, (part.left, part.top), picture)
        shown = canvas.copy()
        if part.disposal == gif.TO_BACKGROUND:
            canvas.paste((0, 0, 0, 0), (part.left, part.top, part.left + part.width, part.top + part.height))
        return shown, part.delay

    return frame


def _webp_frames(header: Header) -> Callable[[int], Frame]:
    """Use libwebp's decoder itself: Pillow's plugin would keep its canvases beside the finished picture."""
    decoder = _webp.WebPAnimDecoder(header.payload)
    size, _, _, frames, _ = decoder.get_info()
    mode = "RGBA" if header.transparent else "RGB"
    if (size, frames) != (header.size, header.frames):
        raise ValueError("its headers contradict each other")
    shown = 0

    def frame(index: int) -> Frame:
        nonlocal decoder, shown
        found = decoder.get_next()
        if found is None:
            raise ValueError("one of its frames does not decode")
        data, until = found
        if index + 1 == frames:
            decoder = None  # Its canvases, two pictures' worth, before the picture itself is made.
        duration, shown = until - shown, until
        return Image.frombytes(mode, size, data, "raw", "RGBA" if header.transparent else "RGBX"), duration

    return frame


def _heif_frames(header: Header) -> Callable[[int], Frame]:
    def frame(_: int) -> Frame:
        picture = heif.open_picture(header.payload)
        data = picture.data
        if picture.size != header.size:
            raise ValueError("its headers contradict each other")
        mode = "RGBA" if picture.mode == "RGBa" else picture.mode
        return Image.frombytes(mode, picture.size, data, "raw", picture.mode, picture.stride), 0

    return frame
