"""Pieces of bytes read as one file, without joining them: a photograph's scans are most of it, and need no second copy."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Splice(io.RawIOBase):
    """A file that reads as its pieces, one after the other; it holds them, and copies only what is read."""

    def __init__(self, *pieces: bytes | memoryview) -> None:
        super().__init__()
        self._pieces = [memoryview(piece) for piece in pieces]
        self._at = 0

    def readable(self) -> bool:
        """Tell `io.BufferedReader` that it may."""
        return True

    def seekable(self) -> bool:
        """Tell `io.BufferedReader` that it may: Pillow goes back to the beginning before it decodes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to `offset`, counted as in any file."""
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: sum(map(len, self._pieces))}
        self._at = max(0, starts[whence] + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Copy from the piece that the position is in; 0 at the end."""
        start = self._at
        for piece in self._pieces:
            if start < len(piece):
                target = memoryview(buffer).cast("B")
                found = piece[start : start + len(target)]
                target[: len(found)] = found
                self._at += len(found)
                return len(found)
            start -= len(piece)
        return 0
