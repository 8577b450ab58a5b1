"""TIFF directories (IFD), which TIFF files and EXIF blocks consist of: TIFF 6.0, section 2, and Adobe's BigTIFF.

A reader of our own, because Pillow's reports defects through the process-wide `warnings` and follows every tag. This
one reads only the wanted tags and treats a damaged tag as missing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

ORIENTATION: Final = 0x0112
ARTIST: Final = 0x013B
COPYRIGHT: Final = 0x8298

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_LETTERS: Final = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MAX_TEXT: Final = 1_000

MAX_LIST: Final = 2 * 1024 * 1024
"""Bytes; a longer list of numbers is not read. Enough for half a million strips."""


@dataclass(frozen=True)
class Entry:
    """One tag: its TIFF type, how many values it has, and their bytes in the file's byte order."""

    type: int
    count: int
    value: bytes | memoryview
    order: str

    def integers(self) -> tuple[int, ...]:
        """Return the values of an integer type; () for any other type, or if they take more than `MAX_LIST` bytes."""
        letter = _LETTERS.get(self.type) if len(self.value) <= MAX_LIST else None
        return struct.unpack(f"{self.order}{self.count}{letter}", self.value) if letter else ()


@dataclass(frozen=True)
class Directory:
    """The first directory of a TIFF structure.

    Attributes:
        order: Byte order, `<` or `>` as in `struct`.
        big: Whether it is BigTIFF, with 64-bit offsets.
        entries: The tags that were read.
        lost: Wanted tags whose values reach beyond the data.
        broken: Whether the directory itself reaches beyond the data.
    """

    order: str
    big: bool
    entries: Mapping[int, Entry]
    lost: frozenset[int] = frozenset()
    broken: bool = False

    def integers(self, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the integers of `tag`, or `default` if there are none."""
        entry = self.entries.get(tag)
        return (entry.integers() if entry else ()) or default

    def integer(self, tag: int, default: int) -> int:
        """Return the first integer of `tag`, or `default` if there is none."""
        return self.integers(tag, (default,))[0]

    def text(self, tag: int) -> bytes:
        """Return at most 1,000 bytes of a text tag, without NUL bytes and spaces at its ends."""
        entry = self.entries.get(tag)
        return bytes(entry.value[:_MAX_TEXT]).strip(b"\x00 ") if entry else b""


def read_directory(data: bytes, wanted: Container[int]) -> Directory:
    """Read the `wanted` tags of the first directory in `data`; tags whose values are out of bounds are `lost`."""
    order = ">" if data[:2] == b"MM" else "<"
    big = data[2:4] in (b"+\x00", b"\x00+")
    head, tail, wide = (8, 8, "Q") if big else (2, 4, "I")
    try:
        start = struct.unpack_from(f"{order}{wide}", data, 8 if big else 4)[0]
        count = struct.unpack_from(f"{order}{'Q' if big else 'H'}", data, start)[0]
    except (struct.error, OverflowError):
        return Directory(order, big, {}, broken=True)
    step = 4 + 2 * tail
    fits = max(0, (len(data) - start - head) // step)
    entries: dict[int, Entry] = {}
    lost = set()
    for index in range(min(count, fits)):
        at = start + head + index * step
        tag = struct.unpack_from(f"{order}H", data, at)[0]
        if tag in wanted and tag not in entries:
            entry = _read_entry(data, at, order, wide)
            if entry is None:
                lost.add(tag)
            else:
                entries[tag] = entry
    return Directory(order, big, entries, frozenset(lost), broken=count > fits)


def _read_entry(data: bytes, at: int, order: str, wide: str) -> Entry | None:
    """Return the tag whose 12 or 20 bytes start at `at`; None if its value reaches beyond the data."""
    _, kind, count = struct.unpack_from(f"{order}HH{wide}", data, at)
    room = struct.calcsize(wide)
    at += 4 + room
    length = _SIZES.get(kind, 1) * count
    if length > room:
        at = struct.unpack_from(f"{order}{wide}", data, at)[0]
    if at + length > len(data):
        return None
    return Entry(kind, count, memoryview(data)[at : at + length], order)


def write_directory(entries: Mapping[int, Entry], *, order: str = "<", big: bool = False, base: int = 0) -> bytes:
    """Return a directory with `entries`, followed by the values that do not fit into it, for the offset `base`."""
    head, tail, wide = ("Q", 8, "Q") if big else ("H", 4, "I")
    table = struct.pack(f"{order}{head}", len(entries))
    after = base + len(table) + len(entries) * (4 + 2 * tail) + tail
    values = bytearray()
    for tag in sorted(entries):
        entry = entries[tag]
        table += struct.pack(f"{order}HH{wide}", tag, entry.type, entry.count)
        if len(entry.value) <= tail:
            table += bytes(entry.value).ljust(tail, b"\x00")
        else:
            table += struct.pack(f"{order}{wide}", after + len(values))
            values += entry.value
            values += b"\x00" * (len(entry.value) % 2)
    return table + b"\x00" * tail + bytes(values)
