"""The golden set: pictures of four coloured quarters, saved the awkward ways, and the check that a rendition shows them.

Imports Pillow, which the worker's requirements bring.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PIL import Image

if TYPE_CHECKING:
    from worker.contracts.recipes.specs import RenditionSpec

_SIZE: Final = (400, 300)
_QUARTERS: Final = ((200, 40, 40), (40, 160, 60), (50, 70, 200), (230, 200, 40))
"""Top left, top right, bottom left, bottom right."""
_TOLERANCE: Final = 30
"""Of 255, per channel: what chroma subsampling and a CMYK round trip cost in the middle of a plain quarter."""
_ORIENTATION: Final = 0x0112
_LYING: Final = 6
"""To be turned a quarter clockwise (https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, tag Orientation)."""
_BOX: Final = 4
_SMALLEST: Final = 8
"""Pixels of a side below which the quarters have run into each other."""


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


def fault_in(data: bytes, spec: RenditionSpec) -> str | None:
    """Say what of a rendition is not what the spec makes of the four quarters, None if all is."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        shown = image.convert("RGB")
    expected = _size_by(spec)
    if any(abs(side - wanted) > 1 for side, wanted in zip(shown.size, expected, strict=True)):
        return f"it has {shown.width} x {shown.height} pixels and should have {expected[0]} x {expected[1]}"
    if min(shown.size) < _SMALLEST:
        return None
    for place, colour in enumerate(_QUARTERS):
        seen = _middle_of(shown, place)
        if any(abs(ours - theirs) > _TOLERANCE for ours, theirs in zip(seen, colour, strict=True)):
            return f"quarter {place + 1} is {seen} and should be {colour}"
    return None


def _size_by(spec: RenditionSpec) -> tuple[int, int]:
    """Return the size of the picture's rendition, a pixel more or less; docs/images.md says how a picture is fitted."""
    width, height = _SIZE
    if spec.fit == "cover":
        scale = min(1.0, width / spec.width, height / spec.height)
        width, height = spec.width, spec.height
    else:
        scale = min(1.0, spec.width / width, spec.height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


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
    reach = min(_BOX, image.width // _SMALLEST, image.height // _SMALLEST)
    box = (x - reach, y - reach, x + reach, y + reach)
    pixel = image.resize((1, 1), Image.Resampling.BOX, box).getpixel((0, 0))
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
