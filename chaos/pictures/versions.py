"""The pictures of a run: each version has a colour of its own, so that a rendition shows which version it was made from.

Colours are coarse enough to survive a lossy codec. Nothing here is shared with the worker: it is what it is judged by.
"""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

SIZE: Final = (48, 32)
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_LEVELS: Final = 16
_STEP: Final = 255 / (_LEVELS - 1)
VERSIONS: Final = _LEVELS**3
"""As many as there are colours."""


def draw(version: int, name: str | None = None, size: tuple[int, int] = SIZE) -> bytes:
    """Return the file of a version, in the format `name` or in one that its number decides."""
    return encode(Image.new("RGB", size, colour(version)), name or FORMATS[version % len(FORMATS)])


def encode(image: Image.Image, name: str) -> bytes:
    """Return the file of `image` in one of Pillow's formats."""
    out = io.BytesIO()
    image.save(out, name)
    return out.getvalue()


def colour(version: int) -> tuple[int, int, int]:
    """Return the colour that belongs to a version alone."""
    red, green, blue = (round(version // _LEVELS**place % _LEVELS * _STEP) for place in range(3))
    return red, green, blue


def version_of(rendition: bytes) -> int:
    """Return the version that a rendition was made from, by the colour in its middle."""
    with Image.open(io.BytesIO(rendition)) as image:
        shown = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(shown, tuple)
    return sum(round(value / _STEP) * _LEVELS**place for place, value in enumerate(shown))
