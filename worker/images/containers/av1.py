"""How large the frames inside an AVIF really are.

libavif decodes whatever the AV1 stream holds and scales it to the size that the container states: a file of a few
kilobytes could state 64 x 64 and decode a gigabyte. Only the stream's own sequence headers tell (AV1 specification,
5.3 and 5.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.images.containers.boxes import boxes, find

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEQUENCE: Final = 1
_HAS_EXTENSION, _HAS_SIZE = 4, 2
_TRACK: Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


@dataclass(frozen=True)
class Sequence:
    """What one sequence header states: the profile, and the largest frame."""

    profile: int
    width: int
    height: int


def sequences(data: bytes) -> list[Sequence]:
    """Return every sequence header of the file's pictures and tracks.

    Raises:
        IndexError: A table or a header ends too early.
    """
    return [sequence for stream in _streams(data) for sequence in _sequences(stream)]


def _streams(data: bytes) -> Iterator[bytes]:
    """Yield the AV1 data of every item, and of every track from each of its chunks on."""
    for start, end in find(data, (b"meta",), 0, len(data)):
        coded = {item for item, kind in _item_types(data, start + 4, end) if kind == b"av01"}
        stored = next(find(data, (b"idat",), start + 4, end), (0, 0))[0]
        for first, last in find(data, (b"iloc",), start + 4, end):
            yield from (
                b"".join(data[(at + stored * inside) :][: size or None] for at, size in extents)
                for item, inside, extents in _locations(_Reader(data[first:last]))
                if item in coded
            )
    for name, width in ((b"stco", 4), (b"co64", 8)):
        for first, _ in find(data, (*_TRACK, name), 0, len(data)):
            reader = _Reader(data[first:])
            reader.take(4)
            yield from (data[reader.take(width) :] for _ in range(reader.take(4)))


def _item_types(data: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    for first, last in find(data, (b"iinf",), start, end):
        for name, at, _ in boxes(data, first + (6 if data[first] == 0 else 8), last):
            if name == b"infe":
                wide = 2 if data[at] < 3 else 4  # noqa: PLR2004 - version 3 has wide numbers.
                yield int.from_bytes(data[at + 4 : at + 4 + wide], "big"), data[at + 6 + wide : at + 10 + wide]


class _Reader:
    """Takes big-endian numbers one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> int:
        self._at += size
        if self._at > len(self._data):
            raise IndexError("a table ends too early")
        return int.from_bytes(self._data[self._at - size : self._at], "big")


def _locations(reader: _Reader) -> Iterator[tuple[int, bool, list[tuple[int, int]]]]:
    """Yield each item's number, whether it lies in `idat`, and its extents (ISO/IEC 14496-12, 8.11.3)."""
    version = reader.take(4) >> 24
    sizes = reader.take(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 2 if version < 2 else 4  # noqa: PLR2004 - version 2 has wide numbers.
    for _ in range(reader.take(wide)):
        item = reader.take(wide)
        inside = version > 0 and reader.take(2) & 15 == 1
        reader.take(2)
        origin = reader.take(base)
        extents = []
        for _ in range(reader.take(2)):
            reader.take(index if version else 0)
            extents.append((origin + reader.take(offset), reader.take(length)))
        yield item, inside, extents


def _sequences(stream: bytes) -> Iterator[Sequence]:
    """Walk the units of a stream; without a size of its own a unit reaches to the end."""
    at = 0
    while at < len(stream):
        head = stream[at]
        at += 2 if head & _HAS_EXTENSION else 1
        size, at = _leb128(stream, at) if head & _HAS_SIZE else (len(stream) - at, at)
        if head >> 3 & 15 == _SEQUENCE:
            yield _read_sequence(_Bits(stream[at : at + size]))
        at += size


def _leb128(stream: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(8):
        byte = stream[at + count]
        value |= (byte & 127) << 7 * count
        if byte < 128:  # noqa: PLR2004 - the continuation bit.
            return value, at + count + 1
    return value, at + 8


class _Bits:
    """Takes bits from the most significant on."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data[:256], "big")
        self._left = 8 * len(data[:256])

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError("a sequence header ends too early")
        return self._value >> self._left & (1 << count) - 1

    def skip_uvlc(self) -> None:
        zeros = 0
        while not self.take(1):
            zeros += 1
        self.take(zeros)


def _read_sequence(bits: _Bits) -> Sequence:
    profile = bits.take(3)
    bits.take(1)
    if bits.take(1):
        bits.take(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return Sequence(profile, bits.take(width_bits) + 1, bits.take(height_bits) + 1)


def _skip_operating_points(bits: _Bits) -> None:
    delay = 0
    if bits.take(1):
        bits.take(64)
        if bits.take(1):
            bits.skip_uvlc()
        if bits.take(1):
            delay = bits.take(5) + 1
            bits.take(42)
    display_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:  # noqa: PLR2004 - levels above 3.3 have a tier.
            bits.take(1)
        if delay and bits.take(1):
            bits.take(2 * delay + 1)
        if display_delay and bits.take(1):
            bits.take(4)
