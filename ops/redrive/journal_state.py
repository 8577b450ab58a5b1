"""Reads the journal of a redrive: which letters were planned, sent and deleted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ops.redrive.planned import Planned
from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VERSION: Final = 1
"""Of the journal's form."""
_NONE_OF_OURS: Final = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What reading a line raises that no journal has."""


@dataclass
class JournalState:
    """What a journal says.

    Attributes:
        head: Its first line.
        planned: Letters to send back, by id, in order.
        sent: Ids that AWS has taken.
        deleted: Ids that are done.
        is_finished: Whether nothing is left to resume.
    """

    head: Mapping[str, Any]
    planned: dict[str, Planned] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    is_finished: bool = False

    @property
    def open(self) -> list[Planned]:
        """What is still to be done."""
        return [letter for id_, letter in self.planned.items() if id_ not in self.deleted]

    @property
    def has_sent_but_undeleted(self) -> bool:
        """Whether letters that were sent may still be dead letters."""
        return not self.is_finished and not self.sent <= self.deleted

    def apply(self, line: Mapping[str, Any]) -> None:
        """Take one line after the first; those of a former version that decided nothing are passed over."""
        ids = line.get("ids", [])
        match line["event"]:
            case "planned":
                letters = (Planned.from_json(document) for document in line["letters"])
                self.planned.update((letter.id, letter) for letter in letters)
            case "sent":
                self.sent.update(ids)
            case "deleted":
                self.deleted.update(ids)
            case "finished":
                self.is_finished = True


def read(path: Path) -> JournalState:
    """Read a journal; a last line without its end is as if it was never written.

    Raises:
        Misuse: It is not there, is no journal, or has a line that is none of a journal's.
    """
    head, *lines = _lines(path)
    state = JournalState(_head(path, head))
    for number, line in enumerate(lines, 2):
        try:
            state.apply(json.loads(line))
        except _NONE_OF_OURS as exc:
            raise Misuse(
                f"The journal {path} has a line that is none of redrive's: line {number}. Take it out; letters that are sent"
                " and not deleted are sent twice by a run that does not know of them."
            ) from exc
    return state


def queue_of(path: Path) -> str | None:
    """Return the URL of the dead-letter queue that a journal is of, by its first line alone; None of what is no journal."""
    try:
        return str(_head(path, _lines(path)[0])["dead_letter_queue_url"])
    except Misuse:
        return None


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\n")[:-1] or [b""]
    except OSError as exc:
        raise Misuse(f"The journal {path} cannot be read: {exc.strerror}.") from exc


def _head(path: Path, line: bytes) -> dict[str, Any]:
    try:
        head: dict[str, Any] = json.loads(line)
        _ = head["dead_letter_queue_url"] + head["stack"]  # Texts, or it is no journal.
        if (head["event"], head["version"]) != ("redrive", VERSION):
            raise Misuse(f"{path} is no journal of this version of redrive.")
    except _NONE_OF_OURS as exc:
        raise Misuse(f"{path} is no journal of redrive.") from exc
    return head
