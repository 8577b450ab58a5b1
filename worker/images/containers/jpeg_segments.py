"""JPEG segments (ITU-T T.81, annex B): tables and headers before the first scan, then the scans up to the end mark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import CorruptImage, Truncated

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SEGMENTS: Final = 10_000
"""Before the first scan. A photograph has a few dozen, one with a panorama in its XMP data hundreds."""
MAX_SCANS: Final = 100
"""Decoding passes over the whole picture once per scan. Encoders write about ten."""

_SEGMENT: Final = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")
"""A marker with a length, or the end mark. Bytes between segments are skipped, as libjpeg does."""
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A marker that ends entropy-coded data: neither a stuffed byte nor a restart marker."""

_STANDALONE: Final = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
_END, _SCAN = 0xD9, 0xDA


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield every segment up to the header of the first scan: its marker, where its length field starts, and its end.

    Raises:
        CorruptImage: More than `MAX_SEGMENTS`.
    """
    position = 2
    for _ in range(MAX_SEGMENTS):
        marker, start, position = _next_segment(data, position)
        yield marker, start, position
        if marker == _SCAN:
            return
    raise CorruptImage("The JPEG has more segments than any camera writes. Save the picture again and upload it.")


def _next_segment(data: bytes, position: int) -> tuple[int, int, int]:
    """Return the next marker with a length, where its length field starts, and where the segment ends."""
    found = _SEGMENT.search(data, position)
    if found is None or found[0][1] == _END:
        raise Truncated("The JPEG ends before its picture begins. Upload the whole file again.")
    position = found.end()
    end = position + max(2, int.from_bytes(data[position : position + 2], "big"))
    if end > len(data):
        raise Truncated("The JPEG ends within its header. Upload the whole file again.")
    return found[0][1], position, end


def end_of_scans(data: bytes, position: int) -> int | None:
    """Return where the end mark ends, searching from a position within the first scan; None where there is no end mark.

    Raises:
        CorruptImage: More than `MAX_SCANS` scans.
    """
    scans = 1
    while marker := _MARKER.search(data, position):
        name, position = data[marker.end() - 1], marker.end()
        if name == _END:
            return position
        scans += name == _SCAN
        if scans > MAX_SCANS:
            raise CorruptImage("The JPEG has more scans than any camera writes. Save the picture again and upload it.")
        if name not in _STANDALONE:
            position += int.from_bytes(data[position : position + 2], "big")
    return None
