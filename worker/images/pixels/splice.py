"""Pieces of bytes, read as one file without joining them: the scans of a photograph are not copied."""

from __future__ import annotations

import io
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Splice(io.RawIOBase):
    """A file that consists of pieces, one after the other; only what is read is copied."""

    def __init__(self, *pieces: bytes | memoryview) -> None:
        super().__init__()
        self._pieces = [memoryview(piece) for piece in pieces]
        self._ends = list(accumulate(map(len, self._pieces)))
        self._at = 0

    def readable(self) -> bool:
        """Allow `io.BufferedReader` to read."""
        return True

    def seekable(self) -> bool:
        """Allow `io.BufferedReader` to seek: Pillow goes back to the beginning before it decodes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position as in any file, and return it."""
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._ends[-1]}
        self._at = max(0, starts[whence] + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Copy from the piece at the position; return the number of bytes, 0 at the end."""
        index = bisect_right(self._ends, self._at)
        if index == len(self._pieces):
            return 0
        target, piece = memoryview(buffer).cast("B"), self._pieces[index]
        start = len(piece) - (self._ends[index] - self._at)
        found = piece[start : start + len(target)]
        target[: len(found)] = found
        self._at += len(found)
        return len(found)
