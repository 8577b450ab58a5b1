"""Mentions of keys in files on this computer: journals in `.ops`, and exports of letters.

A file is replaced as a whole, with every other line as it was, byte for byte. The journal of a redrive that is not finished
stays as it is: a redrive may be writing it, and needs it to lose no letter.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.pictures.erasure.mentions import has_text_of, keys_named, without
from ops.queues.letter import Letter
from ops.redrive.journal_directory import DIRECTORY
from ops.redrive.journal_state import queue_of, read
from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from ops.stack.outputs import Stack

    Edit = Callable[[bytes], bytes]
    """Returns a line without mentions: as it was, changed, or empty."""

_NO_LETTER: Final = (ValueError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Mention:
    """A file that names keys: in how many `lines`; `why` it has to stay as it is, None where it can be rewritten."""

    path: Path
    lines: int
    why: str | None
    edit: Edit

    def rewrite(self) -> None:
        """Replace the file by one without these mentions.

        Raises:
            OSError: It cannot be written; the file is as it was.
        """
        new = self.path.with_name(f"{self.path.name}.erased")
        with self.path.open("rb") as old, new.open("wb") as file:
            file.writelines(self.edit(line) for line in old)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(self.path, new)
        new.replace(self.path)


def mentions(stack: Stack, keys: Collection[str], here: Path, exports: Sequence[Path], resume: str) -> list[Mention]:
    """Return the files below `here` that name `keys`, and those of `exports` that do; `resume` finishes a redrive.

    Raises:
        Misuse: One of `exports` is no export.
    """
    for path in exports:
        if not _is_export(path):
            raise Misuse(f"{path} is no file that dlq export wrote.")
    candidates: list[tuple[Path, Edit, str | None]] = [
        (path, _letters_without(stack.source_bucket, keys), None) for path in _exports(here, exports)
    ]
    for path in sorted((here / DIRECTORY).glob("*.jsonl")):
        edit = _edit(path, stack, keys)
        candidates += [(path, edit, _why_not(path, stack, resume))] if edit else []
    counted = ((path, _count(path, edit), why, edit) for path, edit, why in candidates)
    return [Mention(*each) for each in counted if each[1]]


def texts(stack: Stack, keys: Collection[str], here: Path, exports: Sequence[Path]) -> list[Path]:
    """Return other files of these commands, such as the details of a bug, that have the text of one of `keys` in them.

    Exports are among them for letters that no reader understands.
    """
    others = [path for path in sorted((here / DIRECTORY).glob("*")) if path.is_file() and not _edit(path, stack, keys)]
    found = [path for path in others if any(has_text_of(path.read_text("utf-8", "replace"), key) for key in keys)]
    return found + [path for path in _exports(here, exports) if _has_unclear(path, stack.source_bucket, keys)]


def _exports(here: Path, named: Sequence[Path]) -> list[Path]:
    found = {path.resolve() for path in here.glob("*.jsonl") if _is_export(path)}
    return sorted(found | {path.resolve() for path in named})


def _has_unclear(path: Path, bucket: str, keys: Collection[str]) -> bool:
    with path.open("rb") as file:
        bodies = (json.loads(line)["body"] for line in file)
        return any(keys_named(body, bucket) is None and any(has_text_of(body, key) for key in keys) for body in bodies)


def _edit(path: Path, stack: Stack, keys: Collection[str]) -> Edit | None:
    """Return what takes mentions out of a journal of this stack; None of any other file."""
    if queue_of(path) == stack.dead_letter_queue_url:
        return _planned_without(keys)
    with path.open("rb") as file:
        head = _parsed(file.readline())
    return _progress_without(keys) if head.get("source_bucket") == stack.source_bucket else None


def _why_not(path: Path, stack: Stack, resume: str) -> str | None:
    if queue_of(path) != stack.dead_letter_queue_url or read(path).is_finished:
        return None
    return f"the redrive is not finished: run {resume}, then erase again"


def _count(path: Path, edit: Edit) -> int:
    with path.open("rb") as file:
        return sum(edit(line) != line for line in file)


def _is_export(path: Path) -> bool:
    """Whether every line is a letter; an empty file has nothing to erase."""
    try:
        with path.open("rb") as file:
            return all(Letter.from_json(json.loads(line)) for line in file)
    except _NO_LETTER:
        return False
    except OSError as exc:
        raise Misuse(f"{path} cannot be read: {exc.strerror}.") from exc


def _letters_without(bucket: str, keys: Collection[str]) -> Edit:
    def edit(line: bytes) -> bytes:
        document = json.loads(line)
        named = keys_named(document["body"], bucket) or frozenset()
        if not named & set(keys):
            return line
        if named <= set(keys):
            return b""
        kept = {
            name: value
            for name, value in document["attributes"].items()
            if not any(has_text_of(value.get("value", ""), key) for key in keys)
        }
        less = {**document, "attributes": kept, "body": without(document["body"], keys)}
        return json.dumps(less, ensure_ascii=False).encode() + b"\n"

    return edit


def _planned_without(keys: Collection[str]) -> Edit:
    """What was sent and deleted is known by ids, which say nothing of a picture."""

    def edit(line: bytes) -> bytes:
        document = _parsed(line)
        letters = document.get("letters", [])
        if not any(set(letter["keys"]) & set(keys) for letter in letters):
            return line
        less = [{**letter, "keys": [key for key in letter["keys"] if key not in keys]} for letter in letters]
        return json.dumps({**document, "letters": [letter for letter in less if letter["keys"]]}).encode() + b"\n"

    return edit


def _progress_without(keys: Collection[str]) -> Edit:
    def edit(line: bytes) -> bytes:
        document = _parsed(line)
        if not document and any(has_text_of(line.decode("utf-8", "replace"), key) for key in keys):
            return b""  # The last line of a run that was killed, which nobody reads.
        naming = {name for name in ("prefix", "last") if document.get(name) in keys}
        return json.dumps({**document, **dict.fromkeys(naming, "(erased)")}).encode() + b"\n" if naming else line

    return edit


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except _NO_LETTER:
        return {}
    return document if isinstance(document, dict) else {}
