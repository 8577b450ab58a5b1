"""Letters on disk, so that holding a hundred thousand of them costs no memory. Safe to use from several threads."""

from __future__ import annotations

import json
import tempfile
import threading

from ops.letters import Letter


class Spool:
    """An unnamed temporary file that nobody else can open and that ends with the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - `close` closes it
        self._lock = threading.Lock()

    def write(self, letter: Letter) -> int:
        """Add a letter and return its place."""
        line = json.dumps(letter.to_json()).encode() + b"\n"
        with self._lock:
            place = self._file.seek(0, 2)
            self._file.write(line)
        return place

    def read(self, place: int, receipt: str) -> Letter:
        """Return the letter at `place`, as received under `receipt`."""
        with self._lock:
            self._file.seek(place)
            line = self._file.readline()
        return Letter.from_json({**json.loads(line), "receipt": receipt})

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
