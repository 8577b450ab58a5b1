"""ISO base media boxes (ISO/IEC 14496-12, 4.2), which AVIF and HEIC are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.errors import Truncated

if TYPE_CHECKING:
    from collections.abc import Iterator


def boxes(data: bytes | memoryview, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type of each box from `start`, and where its contents start and end; `end` is the end of the outer box."""
    at = start
    while at + 8 <= end:
        head, size = 8, int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            head, size = 16, int.from_bytes(data[at + 8 : at + 16], "big")
        stop = end if size == 0 else at + max(head, size)
        yield bytes(data[at + 4 : at + 8]), at + head, stop
        at = stop


def find(data: bytes | memoryview, path: tuple[bytes, ...], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the contents of every box at the end of `path` start and end; `meta` has four bytes before its boxes."""
    for name, first, last in boxes(data, start, end):
        if name == path[0]:
            if len(path) == 1:
                yield first, last
            else:
                yield from find(data, path[1:], first + 4 * (name == b"meta"), last)


def check_complete(data: bytes, name: str) -> None:
    """Walk the outermost boxes.

    Raises:
        Truncated: A box reaches beyond the file, or there is none after the first.
    """
    ends = [stop for _, _, stop in boxes(data, 0, len(data))]
    if len(ends) < 2 or ends[-1] != len(data):  # noqa: PLR2004 - `ftyp` alone is no picture.
        raise Truncated(f"The {name} ends before its picture does. Upload the whole file again.")
