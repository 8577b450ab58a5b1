"""Dead letters in a file: JSON lines, one lossless letter each, written so that what was added is on disk."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from ops.queues.batches import batches, retry_failed, size_of
from ops.queues.letter import Letter
from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from ops.queues.batches import Failure
    from ops.queues.queue import Queue


class ExportFile:
    """A new file of letters.

    Attributes:
        count: Letters added.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.count = 0
        self._file = file

    @classmethod
    def create(cls, path: Path) -> ExportFile:
        """Begin a file at `path`.

        Raises:
            Misuse: There is one already, or none can be written.
        """
        try:
            return cls(path.open("xb"))
        except FileExistsError as exc:
            raise Misuse(f"{path} is there already: name a new file.") from exc
        except OSError as exc:
            raise Misuse(f"{path} cannot be written: {exc.strerror}.") from exc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.sync()
        finally:
            with suppress(OSError):  # It tries to write once more what a full disk did not take.
                self._file.close()

    def add(self, letters: Sequence[Letter]) -> None:
        """Write letters; `sync` puts them on disk."""
        for letter in letters:
            self._file.write(json.dumps(letter.to_json(), ensure_ascii=False).encode() + b"\n")
            self.count += 1

    def sync(self) -> None:
        """Return when everything added is on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())


def read_export(path: Path) -> list[Letter]:
    """Read the letters in a file.

    Raises:
        Misuse: The file cannot be read, or a line is no letter; it names the line.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as exc:
        raise Misuse(f"{path} cannot be read: {exc.strerror}.") from exc
    return [_letter(path, number, line) for number, line in enumerate(lines, 1)]


def _letter(path: Path, number: int, line: bytes) -> Letter:
    try:
        return Letter.from_json(json.loads(line))
    except (ValueError, OverflowError, RecursionError) as exc:
        raise Misuse(f"{path}, line {number}: {exc}. Nothing was sent.") from exc


def import_letters(queue: Queue, letters: Sequence[Letter]) -> list[tuple[Letter, Failure]]:
    """Send letters to the dead-letter queue and return those that SQS does not take.

    Raises:
        Refusal: AWS took none of a batch, or did not answer.
    """
    refused = []
    for batch in batches((letter, size_of(letter.import_entry())) for letter in letters):
        failed = retry_failed(queue.send, [letter.import_entry() for letter in batch])
        refused += [(batch[place], failure) for place, failure in failed.items()]
    return refused
