"""The AV1 streams inside an AVIF, and the frame sizes that they state.

libavif decodes what the AV1 stream holds and scales it to the size in the container. A file of a few kilobytes can
state 64 x 64 pixels and decode to a gigabyte. Only the stream's sequence headers state the decoded size. This module
finds the streams in the boxes (ISO/IEC 14496-12, 8.11 and 8.7.5); `obu` reads them.
"""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

from worker.images.containers.boxes import boxes, find
from worker.images.containers.obu import SEQUENCE, Sequence, read_sequence, units

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_UNITS: Final = 500_000
"""A unit is a header or a frame; this many make hours of video."""

_SHARED: Final = 4
"""Items may share bytes; all together are read as often as this."""
MAX_CHUNKS: Final = 100_000
"""A chunk of a track holds many frames."""

_TRACK: Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def sequences(data: bytes) -> list[Sequence]:
    """Return every sequence header of the file's pictures and tracks.

    Raises:
        IndexError: A table or a header ends too early, or the file has more units or chunks than the limits above.
    """
    view, left = memoryview(data), MAX_UNITS
    found = []
    for stream in chain(_items(view), _chunks(view)):
        for kind, start, stop in units(stream):
            left -= 1
            if not left:
                raise IndexError("more units than any picture has")
            if kind == SEQUENCE:
                found.append(read_sequence(stream[start:stop]))
    return found


def _items(data: memoryview) -> Iterator[memoryview]:
    """Yield the AV1 data of every item, that of several items once; together they are no longer than `_SHARED` files."""
    left = _SHARED * len(data)
    seen: set[tuple[tuple[int, int], ...]] = set()
    for start, end in find(data, (b"meta",), 0, len(data)):
        coded = {item for item, kind in _item_types(data, start + 4, end) if kind == b"av01"}
        stored = next(find(data, (b"idat",), start + 4, end), (0, 0))[0]
        for first, last in find(data, (b"iloc",), start + 4, end):
            for item, inside, extents in _locations(_Reader(data[first:last])):
                places = tuple((at + stored * inside, size) for at, size in extents)
                if item in coded and places not in seen:
                    seen.add(places)
                    stream = _extract(data, places, left)
                    left -= len(stream)
                    yield stream


def _extract(data: memoryview, extents: tuple[tuple[int, int], ...], most: int) -> memoryview:
    """Join an item's extents, its pieces in the file; an extent without a size reaches to the end.

    Raises:
        IndexError: They are longer than `most` bytes together.
    """
    pieces = [data[at : at + size if size else len(data)] for at, size in extents]
    if sum(map(len, pieces)) > most:
        raise IndexError("items are longer than the file")
    return pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))


def _chunks(data: memoryview) -> Iterator[memoryview]:
    """Yield the data of every track, chunk by chunk: from the start of each to the start of the next."""
    starts = set()
    for name, width in ((b"stco", 4), (b"co64", 8)):
        for first, last in find(data, (*_TRACK, name), 0, len(data)):
            reader = _Reader(data[first:last])
            reader.take(4)
            count = reader.take(4)
            if count > MAX_CHUNKS:
                raise IndexError("more chunks than any film has")
            starts |= {reader.take(width) for _ in range(count)}
    for start, stop in pairwise([*sorted(starts), len(data)]):
        yield data[start : max(start, stop)]


def _item_types(data: memoryview, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    for first, last in find(data, (b"iinf",), start, end):
        for name, at, _ in boxes(data, first + (6 if data[first] == 0 else 8), last):
            if name == b"infe":
                wide = 2 if data[at] < 3 else 4  # noqa: PLR2004 - version 3 has 32-bit numbers.
                yield int.from_bytes(data[at + 4 : at + 4 + wide], "big"), bytes(data[at + 6 + wide : at + 10 + wide])


class _Reader:
    """Reads big-endian numbers one after another."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> int:
        self._at += size
        if self._at > len(self._data):
            raise IndexError("a table ends too early")
        return int.from_bytes(self._data[self._at - size : self._at], "big")


def _locations(reader: _Reader) -> Iterator[tuple[int, bool, list[tuple[int, int]]]]:
    """Yield each item's number, whether it is stored in `idat`, and its extents (ISO/IEC 14496-12, 8.11.3)."""
    version = reader.take(4) >> 24
    sizes = reader.take(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 2 if version < 2 else 4  # noqa: PLR2004 - version 2 has 32-bit numbers.
    for _ in range(reader.take(wide)):
        item = reader.take(wide)
        inside = version > 0 and reader.take(2) & 15 == 1
        reader.take(2)
        origin = reader.take(base)
        extents = []
        for _ in range(_count(reader.take(2), offset + length)):
            reader.take(index if version else 0)
            extents.append((origin + reader.take(offset), reader.take(length)))
        yield item, inside, extents


def _count(extents: int, width: int) -> int:
    """Return how many extents to read.

    Raises:
        IndexError: Several extents whose entries take no bytes: a small file could state billions of them.
    """
    if extents > 1 and not width:
        raise IndexError("extents without a place")
    return extents
