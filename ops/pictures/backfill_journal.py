"""The journal of a backfill of everything that is outdated: what there was, and what was sent. `status` reads the latest.

JSON lines. Nothing is resumed from it: what is still outdated is sent again by the next backfill, and does no harm.

    {"event": "backfill", "version": 1, "source_bucket": ..., "prefix": ..., "recipes": ..., "pictures": ..., "outdated": ..., "at": ...}
    {"event": "sent", "count": ..., "last": ...}    messages since the line before, and the key of the last one
    {"event": "refused", "count": ...}              of these, what AWS did not take
    {"event": "finished"}                           everything was sent
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO

    from worker.contracts.recipes.by_prefix import Recipes

_VERSION: Final = 1
_KEYS_A_LINE: Final = 1000
_PREFIX: Final = "backfill-"
_SIGNS: Final = {"sent": 1, "refused": -1}


class BackfillJournal:
    """An open journal."""

    def __init__(self, path: Path, out: TextIO) -> None:
        self.path = path
        self._out = out
        self._count = 0
        self._last = ""

    @classmethod
    def start(cls, directory: Path, at: str, head: dict[str, Any]) -> BackfillJournal:
        """Begin a new one; `at` is the time, such as 20261125T120000.

        Raises:
            OSError: It cannot be written.
        """
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{_PREFIX}{at}.jsonl"
        journal = cls(path, path.open("x", encoding="utf-8"))
        journal._note({"event": "backfill", "version": _VERSION, **head})
        return journal

    def noting(self, keys: Iterable[str]) -> Iterator[str]:
        """Yield keys that are about to be sent, and note them once they must have been: when the next ones are asked for."""
        for key in keys:
            yield key
            self._count += 1
            self._last = key
            if self._count == _KEYS_A_LINE:
                self.note_sent()

    def note_sent(self) -> None:
        """Note the keys since the line before: they were sent."""
        if self._count:
            self._note({"event": "sent", "count": self._count, "last": self._last})
            self._count = 0

    def finish(self, refused: int) -> None:
        """Note the end, and how many messages AWS did not take."""
        self.note_sent()
        self._note({"event": "refused", "count": refused} if refused else {"event": "finished"})

    def close(self) -> None:
        """Note what was sent so far, and close the file."""
        self.note_sent()
        self._out.close()

    def _note(self, line: dict[str, Any]) -> None:
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()


@dataclass(frozen=True)
class Backfilled:
    """What a journal says: how many pictures there were, ignored ones left out, outdated ones of them, and messages sent."""

    pictures: int
    outdated: int
    sent: int

    def to_go(self, waiting: int) -> int:
        """Return how many pictures are not current yet, while so many messages are in the backfill queue."""
        return min(self.outdated, max(0, self.outdated - self.sent) + waiting)


def mark_of(recipes: Recipes) -> str:
    """Return what a journal calls the recipes of one deployment."""
    return f"{recipes.generation} {recipes.fingerprint}"


def latest(directory: Path, source_bucket: str, recipes: Recipes) -> Backfilled | None:
    """Return what the latest journal says of a backfill of all pictures of a bucket by these recipes; None if there is none."""
    wanted = (source_bucket, "", mark_of(recipes))
    for path in sorted(directory.glob(f"{_PREFIX}*.jsonl"), reverse=True):
        head, *lines = list(_lines(path)) or [{}]
        if tuple(head.get(name) for name in ("source_bucket", "prefix", "recipes")) == wanted:
            sent = sum(line["count"] * _SIGNS[line["event"]] for line in lines if line.get("event") in _SIGNS)
            return Backfilled(head["pictures"], head["outdated"], sent)
    return None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what was written whole."""
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            document = json.loads(line)
        except ValueError:
            return
        if not isinstance(document, dict):
            return
        yield document
