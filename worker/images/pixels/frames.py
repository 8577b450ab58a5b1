"""The frames of AVIF, GIF, HEIC, PNG and WebP, decoded without Pillow's plugins for whole files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import GifImagePlugin, Image, PngImagePlugin, _webp

from worker.images.containers import apng, gif_blocks
from worker.images.headers import avif, heif
from worker.images.pixels.canvas import Canvas
from worker.images.pixels.splice import Splice
from worker.images.pixels.unpacking import to_eight_bits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from PIL.ImageFile import ImageFile

    from worker.images.containers.stored_frame import StoredFrame
    from worker.images.headers.header import Header

_GREYS: Final = frozenset({"1", "L", "LA", "I;16"})

Frame = tuple[Image.Image, int]
"""A picture and its duration in milliseconds."""


def _avif_frames(header: Header) -> Callable[[int], Frame]:
    decoder = avif.open_decoder(header.payload)
    mode = "RGBA" if header.transparent else header.mode

    def frame(index: int) -> Frame:
        data, timescale, _, duration = decoder.get_frame(index)
        return Image.frombytes(mode, header.size, data), round(1000 * duration / timescale)

    return frame


def _gif_frames(header: Header) -> Callable[[int], Frame]:
    stored = gif_blocks.stored_frames(header.payload)
    return _composed(header, stored, GifImagePlugin.GifImageFile)


def _png_frames(header: Header) -> Callable[[int], Frame]:
    return _composed(header, apng.stored_frames(header.payload), PngImagePlugin.PngImageFile)


def _composed(
    header: Header, stored: Iterator[StoredFrame], plugin: Callable[[io.BufferedReader], ImageFile]
) -> Callable[[int], Frame]:
    """Decode each stored frame as a picture of its own, and compose them here.

    Pillow's plugins compose by rules of their own: they fill the canvas with a colour and take no half transparency.
    """
    mode = ("L" if header.mode in _GREYS else "RGB") + "A" * header.transparent
    canvas = Canvas(header.size, mode) if header.frames > 1 or header.mode == "RGBA" else None

    def frame(_: int) -> Frame:
        part = next(stored)
        picture: Image.Image = plugin(io.BufferedReader(Splice(*part.pieces)))
        picture.load()
        if canvas is None:
            return picture, part.delay
        picture = to_eight_bits(picture, header)  # Not as an argument: the picture as decoded is freed.
        return canvas.show(part, picture), part.delay

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
    "PNG": _png_frames,
    "WEBP": _webp_frames,
}
"""By format: from a header to a function like that of `frames_of`."""
