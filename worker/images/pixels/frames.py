"""The frames of AVIF, GIF, HEIC and WebP, decoded without Pillow's plugins for whole files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import GifImagePlugin, Image, _webp

from worker.images.containers import gif_blocks
from worker.images.headers import avif, heif

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.images.headers.header import Header

Frame = tuple[Image.Image, int]
"""A picture and its duration in milliseconds."""


def _avif_frames(header: Header) -> Callable[[int], Frame]:
    decoder = avif.open_decoder(header.payload)

    def frame(index: int) -> Frame:
        data, timescale, _, duration = decoder.get_frame(index)
        return Image.frombytes(header.mode, header.size, data), round(1000 * duration / timescale)

    return frame


def _gif_frames(header: Header) -> Callable[[int], Frame]:
    """Draw each frame onto a canvas that is transparent at first, as browsers do.

    Pillow's plugin fills the canvas with a colour unless the first frame has a transparent index.
    """
    found = gif_blocks.stored_frames(header.payload)
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
        after = canvas.copy() if part.disposal == gif_blocks.TO_PREVIOUS else canvas
        picture = drawn.convert("RGBA")
        canvas.paste(picture, (part.left, part.top), picture)
        shown = canvas.copy()
        if part.disposal == gif_blocks.TO_BACKGROUND:
            canvas.paste((0, 0, 0, 0), (part.left, part.top, part.left + part.width, part.top + part.height))
        return shown, part.delay

    return frame


def _webp_frames(header: Header) -> Callable[[int], Frame]:
    """Call libwebp's decoder directly: Pillow's plugin would keep its canvases in memory besides the picture."""
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
            decoder = None  # Frees its two canvases before the picture is made.
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


FRAMES: Final[Mapping[str, Callable[[Header], Callable[[int], Frame]]]] = {
    "AVIF": _avif_frames,
    "GIF": _gif_frames,
    "HEIF": _heif_frames,
    "WEBP": _webp_frames,
}
"""By format: from a header to a function like that of `frames_of`."""
