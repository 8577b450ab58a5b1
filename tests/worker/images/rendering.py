"""Shared by the tests on pictures: render one spec, open the output, compare pixels."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from worker.contracts.recipes.specs import RenditionSpec
from worker.images import render

if TYPE_CHECKING:
    from worker.images import Rendered

MEBIBYTE = 1024 * 1024


def rendered(data: bytes, *, memory: int = 1769, **fields: Any) -> Rendered:
    """Render one spec of these fields; by default it is lossless and keeps the size."""
    spec = RenditionSpec(**{"name": "x", "width": 2_000, "height": 2_000, "format": "png", **fields})
    return render(data, [spec], wanted=["x"], memory_bytes=memory * MEBIBYTE)


def output(data: bytes, **fields: Any) -> bytes:
    """Return the rendition's bytes."""
    return rendered(data, **fields).renditions[0].data


def picture(data: bytes, **fields: Any) -> Image.Image:
    """Return the rendition as a picture, an animation as its first frame."""
    return Image.open(io.BytesIO(output(data, **fields)))


def pixels(image: Image.Image) -> np.ndarray:
    """Return the picture as signed numbers, to be subtracted."""
    return np.asarray(image).astype(int)


def difference(image: Image.Image, reference: Image.Image) -> int:
    """Return the largest difference of any channel of any pixel; both pictures must be of one size and mode."""
    assert (image.size, image.mode) == (reference.size, reference.mode)
    return int(np.abs(pixels(image) - pixels(reference)).max())


def pixel(image: Image.Image, at: tuple[int, int] = (0, 0)) -> tuple[int, ...]:
    """Return the channels of one pixel."""
    found = image.getpixel(at)
    assert isinstance(found, tuple)
    return found


def distance(colour: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Return the largest difference of any channel."""
    return max(abs(a - b) for a, b in zip(colour, other, strict=True))


def frames(data: bytes) -> list[tuple[Image.Image, int]]:
    """Return every frame of an animation as RGBA, with its duration in milliseconds."""
    with Image.open(io.BytesIO(data)) as film:
        shown = []
        for index in range(getattr(film, "n_frames", 1)):
            film.seek(index)
            film.load()
            shown.append((film.convert("RGBA"), round(film.info.get("duration", 0))))
        return shown
