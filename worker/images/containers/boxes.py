"""ISO base media boxes (ISO/IEC 14496-12, 4.2), which AVIF and HEIC files consist of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.contracts.errors import Truncated

if TYPE_CHECKING:
    from collections.abc import Iterator


def boxes(data: bytes | memoryview, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the type of each box between `start` and `end`, and where its contents start and end."""
    at = start
    while at + 8 <= end:
        head, size = 8, int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            head, size = 16, int.from_bytes(data[at + 8 : at + 16], "big")
        stop = end if size == 0 else at + max(head, size)
        yield bytes(data[at + 4 : at + 8]), at + head, stop
        at = stop


def find(data: bytes | memoryview, path: tuple[bytes, ...], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the contents of every box at `path` start and end; `meta` has four bytes before its inner boxes."""
    for name, first, last in boxes(data, start, end):
        if name == path[0]:
            if len(path) == 1:
                yield first, last
            else:
                yield from find(data, path[1:], first + 4 * (name == b"meta"), last)


def check_complete(data: bytes, name: str) -> None:
    """Check that the outermost boxes fill the file.

    Raises:
        Truncated: A box reaches beyond the file, or the first box is the only one.
    """
    ends = [stop for _, _, stop in boxes(data, 0, len(data))]
    if len(ends) < 2 or ends[-1] != len(data):  # noqa: PLR2004 - `ftyp` alone is not a picture.
        raise Truncated(f"The {name} ends before its picture does. Upload the whole file again.")
