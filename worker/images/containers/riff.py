"""RIFF chunks, which WebP files consist of (https://developers.google.com/speed/webp/docs/riff_container)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD: Final = 12
"""Bytes before the first chunk."""
ALPHA_FLAG: Final = 0x10
"""In the first byte of the VP8X chunk."""


def chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the name and the contents of each chunk."""
    view = memoryview(data)
    at, end = HEAD, 8 + int.from_bytes(data[4:8], "little")
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], view[at + 8 : min(at + 8 + size, end)]
        at += 8 + size + size % 2


def mark_alpha(data: bytes) -> bytes:
    """Return the WebP with its alpha flag set.

    libwebp's encoder does not set it if all stored rectangles are opaque, even if the canvas around them is
    transparent.
    """
    if data[12:16] != b"VP8X":
        return data
    return data[:20] + bytes([data[20] | ALPHA_FLAG]) + data[21:]
