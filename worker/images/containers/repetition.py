"""How often an AVIF animation is played: the duration of its tracks, divided by that of the edit that they repeat.

Pillow neither reads nor writes it. Boxes: ISO/IEC 14496-12, 8.2.2 `mvhd`, 8.3.2 `tkhd`, 8.6.6 `elst`; the flag that
makes an edit repeat: ISO/IEC 23008-12, 9.6.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.images.containers.boxes import find

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRACK: Final = (b"moov", b"trak")
_WIDE: Final = 1
_REPEATS: Final = 1
_LENGTH_AT: Final = {b"mvhd": (16, 24), b"tkhd": (20, 28), b"elst": (8, 8)}
"""Offset of the duration in each box: in version 0, which has 32 bits, and in version 1, which has 64."""


def read_plays(data: bytes) -> int:
    """Return how often the first track is played; 0 is forever, also for a file without an edit list."""
    edit = next(find(data, (*_TRACK, b"edts", b"elst"), 0, len(data)), None)
    track = next(find(data, (*_TRACK, b"tkhd"), 0, len(data)), None)
    if edit is None or track is None:
        return 0
    if not data[edit[0] + 3] & _REPEATS:
        return 1
    (start, stop), (from_, to) = _length(data, b"elst", edit[0]), _length(data, b"tkhd", track[0])
    segment, total = int.from_bytes(data[start:stop], "big"), int.from_bytes(data[from_:to], "big")
    endless = total == (1 << 8 * (to - from_)) - 1
    return 0 if endless or not segment else max(1, -(-total // segment))


def write_plays(data: bytes, plays: int) -> bytes:
    """Return an animation of our encoder, which repeats forever, changed to be played `plays` times."""
    edit = next(find(data, (*_TRACK, b"edts", b"elst"), 0, len(data)), None)
    if not plays or edit is None:
        return data
    start, stop = _length(data, b"elst", edit[0])
    total = plays * int.from_bytes(data[start:stop], "big")
    changed = bytearray(data)
    for at, to in _totals(data):
        changed[at:to] = total.to_bytes(to - at, "big")
    return bytes(changed)


def _totals(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the durations of the movie and of each of its tracks (colour, alpha) are."""
    for path in ((b"moov", b"mvhd"), (*_TRACK, b"tkhd")):
        for box, _ in find(data, path, 0, len(data)):
            yield _length(data, path[-1], box)


def _length(data: bytes, name: bytes, box: int) -> tuple[int, int]:
    """Return where the duration in the box `name` starts and ends; the box's contents start at `box`."""
    wide = data[box] == _WIDE
    start = box + _LENGTH_AT[name][wide]
    return start, start + (8 if wide else 4)
