"""The golden set: pictures of four coloured quarters, saved the awkward ways, and the check that a rendition shows them.

Imports Pillow, which the worker's requirements bring.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

_SIZE: Final = (400, 300)
_QUARTERS: Final = ((200, 40, 40), (40, 160, 60), (50, 70, 200), (230, 200, 40))
"""Top left, top right, bottom left, bottom right."""
_TOLERANCE: Final = 30
"""Of 255, per channel: what chroma subsampling and a CMYK round trip cost in the middle of a plain quarter."""
_ORIENTATION: Final = 0x0112
_LYING: Final = 6
"""To be turned a quarter clockwise (https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, tag Orientation)."""
_BOX: Final = 4


@dataclass(frozen=True)
class GoldenPicture:
    """A picture as uploaded; shown upright it is the four quarters."""

    name: str
    data: bytes


def golden_set() -> tuple[GoldenPicture, ...]:
    """Draw all of it."""
    upright = _quarters()
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    return (
        GoldenPicture("plain.jpg", _saved(upright, "JPEG")),
        GoldenPicture("on its side.jpg", _saved(lying, "JPEG", exif=_exif(_LYING))),
        GoldenPicture("palette.png", _saved(upright.quantize(4), "PNG")),
        GoldenPicture("transparent.png", _saved(upright.convert("RGBA"), "PNG")),
        GoldenPicture("lossless.webp", _saved(upright, "WEBP", lossless=True)),
    )


def broken() -> bytes:
    """Return the first half of a JPEG."""
    data = _saved(_quarters(), "JPEG")
    return data[: len(data) // 2]


def fault_in(data: bytes) -> str | None:
    """Say what of a rendition is not the four quarters, None if it is."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        shown = image.convert("RGB")
    if abs(shown.width * _SIZE[1] - shown.height * _SIZE[0]) > _SIZE[0] + _SIZE[1]:
        return f"it has {shown.width} x {shown.height} pixels, which is another shape than {_SIZE[0]} x {_SIZE[1]}"
    for place, colour in enumerate(_QUARTERS):
        seen = _middle_of(shown, place)
        if any(abs(ours - theirs) > _TOLERANCE for ours, theirs in zip(seen, colour, strict=True)):
            return f"quarter {place + 1} is {seen} and should be {colour}"
    return None


def _quarters() -> Image.Image:
    width, height = _SIZE
    image = Image.new("RGB", _SIZE)
    for place, colour in enumerate(_QUARTERS):
        left, top = place % 2 * width // 2, place // 2 * height // 2
        image.paste(colour, (left, top, left + width // 2, top + height // 2))
    return image


def _middle_of(image: Image.Image, place: int) -> tuple[int, ...]:
    """Return the mean colour around the middle of a quarter."""
    x, y = image.width * (1 + 2 * (place % 2)) // 4, image.height * (1 + 2 * (place // 2)) // 4
    pixel = image.resize((1, 1), Image.Resampling.BOX, (x - _BOX, y - _BOX, x + _BOX, y + _BOX)).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return tuple(int(channel) for channel in pixel)


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return exif


def _saved(image: Image.Image, format_: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()
