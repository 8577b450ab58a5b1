"""Whether a picture came out blank, of one colour or transparent, though its file holds more: perhaps it was misread."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

    from worker.images.headers.header import Header

_ALWAYS: Final = 2_048
_PER_PIXEL: Final = 1 / 100
"""Bytes that the file of a blank picture may have once it is compressed: in every format, uncompressed ones too, 12 million
pixels of one colour come to less than a tenth of this, most to less than a hundredth."""
_BLOCK: Final = 1 << 16


def is_blank(image: Image.Image) -> bool:
    """Whether all pixels have one colour, or all are transparent. The row in the middle tells for most that they have not."""
    middle = image.height // 2
    return _is_even(image.crop((0, middle, image.width, middle + 1))) and _is_even(image)


def _is_even(image: Image.Image) -> bool:
    extrema = image.getextrema()
    channels = extrema if isinstance(extrema[0], tuple) else (extrema,)
    if image.mode in ("LA", "RGBA") and channels[-1] == (0, 0):
        return True
    return all(low == high for low, high in channels)


def holds_more(header: Header) -> bool:
    """Whether the file holds more than one colour takes.

    Its size does not tell: a blank BMP is as large as any. So it is compressed, until the limit is reached.
    """
    limit = _ALWAYS + _PER_PIXEL * header.width * header.height
    squeezer, size = zlib.compressobj(), 0
    for part in (memoryview(header.payload), header.rest):
        for at in range(0, len(part), _BLOCK):
            size += len(squeezer.compress(part[at : at + _BLOCK]))
            if size > limit:
                return True
    return size + len(squeezer.flush()) > limit
