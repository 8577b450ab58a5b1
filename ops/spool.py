"""Letters on disk, so that holding a hundred thousand of them costs no memory. Safe to use from several threads."""

from __future__ import annotations

import json
import os
import tempfile
import threading

from ops.letters import Letter


class Spool:
    """An unnamed temporary file that nobody else can open and that ends with the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - `close` closes it
        self._end = 0
        self._flushed = 0
        self._lock = threading.Lock()

    def write(self, letter: Letter) -> range:
        """Add a letter and return the bytes that it takes up."""
        line = json.dumps(letter.to_json()).encode()
        with self._lock:
            self._file.write(line)
            place = range(self._end, self._end + len(line))
            self._end = place.stop
        return place

    def read(self, place: range, receipt: str) -> Letter:
        """Return the letter at `place`, as received under `receipt`."""
        with self._lock:
            if self._flushed < place.stop:
                self._file.flush()
                self._flushed = self._end
        line = os.pread(self._file.fileno(), len(place), place.start)
        return Letter.from_json({**json.loads(line), "receipt": receipt})

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
