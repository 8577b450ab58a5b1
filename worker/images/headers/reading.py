"""One header reader per format.

Each reads its container to the end, because some decoders accept a truncated file, and copies into the payload only
what decoding needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.images.headers import avif, bmp, gif, heif, jpeg, png, tiff, webp
from worker.images.headers.sniffing import sniff

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.images.headers.header import Header

READERS: Final[Mapping[str, Callable[[bytes], Header]]] = {
    "JPEG": jpeg.read,
    "PNG": png.read,
    "WEBP": webp.read,
    "GIF": gif.read,
    "AVIF": avif.read,
    "HEIF": heif.read,
    "TIFF": tiff.read,
    "BMP": bmp.read,
}


def read_header(data: bytes) -> Header:
    """Read the header of a file of any format.

    Raises:
        UnsupportedFormat: No format of the allow-list, or a variant of one that cannot be decoded here.
        Truncated: The file ends before the picture does.
        CorruptImage: The header is damaged or contradicts itself.
        TooLarge: A GIF has too many frames.
    """
    return READERS[sniff(data)](data)
