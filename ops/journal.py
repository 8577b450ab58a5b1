"""The journal of a redrive: what was meant, sent and deleted, on disk before or right after it happens.

JSON lines, each fsynced. A run that ends in any way at all, a kill between two instructions included, is resumed from
it: what was deleted is done, what was sent is only deleted, everything else is sent. A message can go out twice in one
window only: when the end came after AWS had taken a batch and before the journal had it.

    {"event": "redrive", "version": 1, "dead_letter_queue_url": ..., "queue_url": ..., "at": ...}
    {"event": "planned", "letters": [...]}          up to a thousand a line
    {"event": "sending", "ids": [...]}              before the request
    {"event": "sent", "ids": [...]}                 after its answer
    {"event": "refused", "ids": [...]}              after its answer: these are still dead letters only
    {"event": "deleted", "ids": [...]}              after the answer to the deletion
    {"event": "finished"}                           nothing is left to resume
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ops.errors import Misuse
from ops.plan import Planned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_VERSION: Final = 1
_LETTERS_A_LINE: Final = 1000


@dataclass
class Record:
    """What a journal says.

    Attributes:
        head: Its first line.
        planned: Letters to send back, by id, in order.
        doubtful: Ids whose sending began, and nobody knows whether it was done.
        sent: Ids that AWS has taken.
        deleted: Ids that are done.
        is_finished: Whether nothing is left to resume.
    """

    head: Mapping[str, Any]
    planned: dict[str, Planned] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    is_finished: bool = False

    @property
    def open(self) -> list[str]:
        """Ids of what is still to be done."""
        return [id_ for id_ in self.planned if id_ not in self.deleted]

    @property
    def in_limbo(self) -> bool:
        """Whether letters that were sent may still be dead letters."""
        return not self.is_finished and not self.sent <= self.deleted

    def apply(self, line: Mapping[str, Any]) -> None:
        """Take one line after the first."""
        ids = line.get("ids", [])
        match line["event"]:
            case "planned":
                letters = (Planned.from_json(document) for document in line["letters"])
                self.planned.update((letter.id, letter) for letter in letters)
            case "sending":
                self.doubtful.update(ids)
            case "sent":
                self.sent.update(ids)
                self.doubtful.difference_update(ids)
            case "refused":
                self.doubtful.difference_update(ids)
            case "deleted":
                self.deleted.update(ids)
            case "finished":
                self.is_finished = True


class Journal:
    """An open journal; `record` says what it holds. Safe to use from several threads."""

    def __init__(self, path: Path, record: Record) -> None:
        self.path = path
        self.record = record
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    @classmethod
    def start(cls, path: Path, head: Mapping[str, Any], planned: Sequence[Planned]) -> Journal:
        """Begin a journal at `path`; it appears there with its whole plan on disk, or not at all.

        Raises:
            Misuse: There is a file already, or none can be written.
        """
        head = {"event": "redrive", "version": _VERSION, **head}
        unfinished_plan = path.with_suffix(".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished_plan.unlink(missing_ok=True)
            with closing(cls(unfinished_plan, Record(head))) as plan:
                plan.plan(planned)
            os.link(unfinished_plan, path)  # Unlike a renaming, it refuses to replace a file.
            unfinished_plan.unlink()
            _sync_directory(path.parent)
            return cls(path, plan.record)
        except OSError as exc:
            raise Misuse(f"The journal {path} cannot be written: {exc.strerror}. Name another with --journal.") from exc

    @classmethod
    def resume(cls, path: Path) -> Journal:
        """Open the journal of an earlier run, and cut off a last line that was never completed.

        Raises:
            Misuse: It is not there, or is no journal.
        """
        record = read(path)
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
        return cls(path, record)

    def plan(self, letters: Sequence[Planned]) -> None:
        """Note the first line and what is to be sent."""
        self._append(self.record.head)
        for first in range(0, len(letters), _LETTERS_A_LINE):
            some = letters[first : first + _LETTERS_A_LINE]
            self._note({"event": "planned", "letters": [letter.to_json() for letter in some]})

    def sending(self, ids: Iterable[str]) -> None:
        """Note what is about to be sent; on disk when this returns."""
        self._note({"event": "sending", "ids": list(ids)})

    def sent(self, ids: Iterable[str]) -> None:
        """Note what AWS has taken."""
        self._note({"event": "sent", "ids": list(ids)})

    def refused(self, ids: Iterable[str]) -> None:
        """Note what AWS has not taken."""
        self._note({"event": "refused", "ids": list(ids)})

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
        with self._lock:
            self._append(line)
            self.record.apply(line)

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        os.fsync(self._file.fileno())


def read(path: Path) -> Record:
    """Read a journal; a last line without its end is as if it was never written.

    Raises:
        Misuse: It is not there, or is no journal.
    """
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
        head = json.loads(lines[0])
        record = Record(head)
        if (head["event"], head["version"]) != ("redrive", _VERSION):
            raise Misuse(f"{path} is no journal of this version of redrive.")
        for line in lines[1:]:
            record.apply(json.loads(line))
    except OSError as exc:
        raise Misuse(f"The journal {path} cannot be read: {exc.strerror}.") from exc
    except (LookupError, TypeError, ValueError) as exc:
        raise Misuse(f"{path} is no journal of redrive.") from exc
    return record


def unfinished(directory: Path, dead_letter_queue_url: str) -> list[Path]:
    """Return the journals in `directory` that an earlier redrive of this queue left unfinished, the oldest first."""
    found = []
    for path in sorted(directory.glob("redrive-*.jsonl")):
        try:
            record = read(path)
        except Misuse:
            continue  # Ended before its first line was complete: nothing had been sent.
        if not record.is_finished and record.head["dead_letter_queue_url"] == dead_letter_queue_url:
            found.append(path)
    return found


def _sync_directory(directory: Path) -> None:
    """Make the new file's name as lasting as its content."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
