"""The receipt: a file that says what was verified as gone, what stayed and why, and what cannot be removed.

It is there before anything is removed, as `begun`, with what was found: a run that is killed is run again, and its receipt
counts what the first run removed. It names the keys: it belongs where such things are kept.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

BEGUN: Final = "begun"
DONE: Final = "done"
INCOMPLETE: Final = "incomplete"
VERSION: Final = 1
_PREFIX: Final = "erasure-"


@dataclass
class Evidence:
    """What was found of one key, by this run and by those before that did not end.

    Attributes:
        objects: Versions of the original and of outputs, and unfinished uploads, by `mark_of`.
        messages: Ids, by queue.
    """

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, set[str]] = field(default_factory=dict)

    def add(self, other: Evidence) -> None:
        """Take over what another look has found."""
        self.objects |= other.objects
        for label, ids in other.messages.items():
            self.messages.setdefault(label, set()).update(ids)

    def less(self, left: Evidence) -> Evidence:
        """Return what of it is not `left`."""
        return Evidence(
            {mark: each for mark, each in self.objects.items() if mark not in left.objects},
            {label: ids - left.messages.get(label, set()) for label, ids in self.messages.items()},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the receipt's form; queues without messages are left out."""
        return {
            "objects": [self.objects[mark] for mark in sorted(self.objects)],
            "messages": {label: sorted(ids) for label, ids in sorted(self.messages.items()) if ids},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read the receipt's form."""
        messages = {label: set(ids) for label, ids in document["messages"].items()}
        return cls({mark_of(each): dict(each) for each in document["objects"]}, messages)


def mark_of(document: Mapping[str, Any]) -> str:
    """Return what tells an object's entry in a receipt from every other one."""
    return json.dumps(document, sort_keys=True)


@dataclass(frozen=True)
class Receipt:
    """A receipt's file, and its head."""

    path: Path
    head: Mapping[str, Any]

    def write(self, state: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Replace the file's content, on disk when this returns; return it.

        Raises:
            Misuse: It cannot be written.
        """
        document = {"receipt": "erasure", "version": VERSION, "state": state, **self.head, **body}
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            with new.open("w", encoding="utf-8") as file:
                file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except OSError as exc:
            raise Misuse(
                f"The receipt {self.path} cannot be written: {exc.strerror}. Name another: --receipt."
            ) from exc
        return document


def name_at(here: Path, moment: str) -> Path:
    """Return where a new receipt goes; `moment` is such as 20261126T052532."""
    return here / f"{_PREFIX}{moment}.json"


def begun(
    here: Path, source_bucket: str, keys: Collection[str], path: Path | None
) -> list[tuple[Path, dict[str, Any]]]:
    """Return the receipts of erasures of some of `keys` that were begun and have not ended, `path` among them."""
    candidates = [*sorted(here.glob(f"{_PREFIX}*.json")), *([path] if path and path.exists() else [])]
    found = [(each, _read(each)) for each in dict.fromkeys(each.resolve() for each in candidates)]
    return [
        (each, document)
        for each, document in found
        if document.get("state") == BEGUN
        and document.get("source_bucket") == source_bucket
        and {picture["key"] for picture in document["pictures"]} & set(keys)
    ]


def settle(receipts: Sequence[tuple[Path, Mapping[str, Any]]], keys: Collection[str], but: Path) -> None:
    """Remove the receipts of earlier runs, all of whose keys are in the new one."""
    for path, document in receipts:
        if path != but.resolve() and {picture["key"] for picture in document["pictures"]} <= set(keys):
            path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(document, dict) and (document.get("receipt"), document.get("version")) == ("erasure", VERSION)
    return document if is_ours else {}
