"""Writes the journal of a redrive: the plan before anything is sent, then what was sent and what was deleted.

JSON lines, each fsynced. A run that ends in any way at all, a kill between two instructions included, is resumed from
it: what was deleted is done, what was sent is only deleted, everything else is sent. A message can go out twice in one
window only: when the end came after AWS had taken a batch and before the journal had it.

    {"event": "redrive", "version": 1, "dead_letter_queue_url": ..., "queue_url": ..., "at": ...}
    {"event": "planned", "letters": [...]}          up to a thousand a line
    {"event": "sent", "ids": [...]}                 what AWS has taken, before its deletion is asked for
    {"event": "deleted", "ids": [...]}              after the answer to the deletion
    {"event": "finished"}                           nothing is left to resume
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from ops.redrive.journal_state import VERSION, JournalState, read
from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from ops.redrive.planned import Planned

_LETTERS_A_LINE: Final = 1000


class Journal:
    """An open journal; `state` is its content. Safe to use from several threads."""

    def __init__(self, path: Path, state: JournalState) -> None:
        self.path = path
        self.state = state
        self._file = path.open("ab", buffering=0)
        self._writing = threading.Lock()
        self._syncing = threading.Lock()
        self._written = 0
        self._synced = 0

    @classmethod
    def start(cls, path: Path, head: Mapping[str, Any], planned: Sequence[Planned]) -> Journal:
        """Begin a journal at `path`; it appears there with its whole plan on disk, or not at all.

        Raises:
            Misuse: There is a file already, or none can be written.
        """
        head = {"event": "redrive", "version": VERSION, **head}
        unfinished_plan = path.with_suffix(".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished_plan.unlink(missing_ok=True)
            with closing(cls(unfinished_plan, JournalState(head))) as plan:
                plan.plan(planned)
            os.link(unfinished_plan, path)  # Unlike a renaming, it refuses to replace a file.
            unfinished_plan.unlink()
            _sync_directory(path.parent)
            return cls(path, plan.state)
        except OSError as exc:
            raise Misuse(f"The journal {path} cannot be written: {exc.strerror}. Name another with --journal.") from exc

    @classmethod
    def resume(cls, path: Path) -> Journal:
        """Open the journal of an earlier run, and cut off a last line that was never completed.

        Raises:
            Misuse: It is not there, or is no journal.
        """
        state = read(path)
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
        return cls(path, state)

    def plan(self, letters: Sequence[Planned]) -> None:
        """Note the first line and what is to be sent."""
        self._append(self.state.head)  # On disk with the next line.
        for first in range(0, len(letters), _LETTERS_A_LINE):
            some = letters[first : first + _LETTERS_A_LINE]
            self._note({"event": "planned", "letters": [letter.to_json() for letter in some]})

    def sent(self, ids: Iterable[str]) -> None:
        """Note what AWS has taken; on disk when this returns."""
        self._note({"event": "sent", "ids": list(ids)})

    def deleted(self, ids: Iterable[str]) -> None:
        """Note what is done."""
        self._note({"event": "deleted", "ids": list(ids)})

    def finish(self) -> None:
        """Note that nothing is left to resume."""
        self._note({"event": "finished"})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _note(self, line: Mapping[str, Any]) -> None:
        if line.get("ids") == []:
            return
        with self._writing:
            self._append(line)
            self.state.apply(line)
            self._written += 1
            written = self._written
        self._sync(written)

    def _append(self, line: Mapping[str, Any]) -> None:
        """Write a line, or nothing of it: a disk that fills up takes a part and says so only at the next write."""
        rest, whole = json.dumps(line).encode() + b"\n", os.fstat(self._file.fileno()).st_size
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as exc:
            os.truncate(self._file.fileno(), whole)  # Or another thread's next line would be joined to it.
            raise self._unwritable(exc) from exc

    def _sync(self, line: int) -> None:
        """Return when `line` lines are on disk: one fsync serves all threads that have written before it."""
        with self._syncing:
            if self._synced < line:
                written = self._written
                try:
                    os.fsync(self._file.fileno())
                except OSError as exc:
                    raise self._unwritable(exc) from exc
                self._synced = written

    def _unwritable(self, exc: OSError) -> Misuse:
        return Misuse(f"The journal {self.path} cannot be written any more: {exc.strerror}.")


def _sync_directory(directory: Path) -> None:
    """Make the new file's name as lasting as its content."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
