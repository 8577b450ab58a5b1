"""One reader per file format: bytes in, a `Header` out, without decoding a pixel.

Each walks its container itself, so that a file that ends too early is known as such whatever its decoder would forgive,
and copies into the payload only what decoding needs.
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
    """Read the header of whatever `data` is.

    Raises:
        UnsupportedFormat: No format of the allow-list, or a kind of it that no decoder here takes.
        Truncated: The file ends before the picture does.
        CorruptImage: The header contradicts itself.
    """
    return READERS[sniff(data)](data)
