"""The journal of a backfill: what there was, and what was sent. `status` reads the latest, `--resume` goes on from it.

JSON lines. A run that ends in any way leaves at most a line's worth unnoted: that is sent again, and does no harm.

    {"event": "backfill", "version": 2, "source_bucket": ..., "prefix": ..., "only_outdated": ..., "looks": ..., "recipes": ...,
     "listed": ..., "pictures": ..., "outdated": ..., "at": ...}
    {"event": "canary", "count": ...}               messages of the canary, from anywhere in the listing
    {"event": "sent", "count": ..., "last": ...}    messages since the line before, and the key of the last one
    {"event": "refused", "count": ...}              of these, what AWS did not take
    {"event": "finished"}                           everything was sent
"""

from __future__ import annotations

import json
import os
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO

    from worker.contracts.recipes.by_prefix import Recipes

_VERSION: Final = 2
_KEYS_A_LINE: Final = 1000
_PREFIX: Final = "backfill-"
_SIGNS: Final = {"canary": 1, "sent": 1, "refused": -1}
_ENDS: Final = {"refused", "finished"}


class BackfillJournal:
    """An open journal."""

    def __init__(self, path: Path, out: TextIO) -> None:
        self.path = path
        self._out = out
        self._under_way: deque[str] = deque()
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

    @classmethod
    def resume(cls, path: Path) -> BackfillJournal:
        """Open the journal of an earlier run, and cut off a last line that was never completed."""
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
        return cls(path, path.open("a", encoding="utf-8"))

    def noting(self, keys: Iterable[str]) -> Iterator[str]:
        """Yield keys that are about to be sent; `sent` says how many of them were."""
        for key in keys:
            self._under_way.append(key)
            yield key

    def sent(self, count: int) -> None:
        """Note that so many more were sent, in the order in which they were yielded."""
        for _ in range(count):
            self._last = self._under_way.popleft()
        self._count += count
        if self._count >= _KEYS_A_LINE:
            self.note_sent()

    def note_canary(self, count: int) -> None:
        """Note what is sent first, which may be anywhere in the listing."""
        self._note({"event": "canary", "count": count})

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


@dataclass(frozen=True)
class Interrupted:
    """A backfill that did not send everything: how it was begun, how many pictures there were and messages are sent, and the last key."""

    path: Path
    prefix: str
    outdated: bool
    looks: bool
    listed: int
    chosen: int
    sent: int
    last: str


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


def interrupted(directory: Path, source_bucket: str, recipes: Recipes) -> Interrupted:
    """Return the latest backfill of a bucket, which was interrupted after its canary.

    Raises:
        Misuse: It was not, or the recipes have changed since.
    """
    for path in sorted(directory.glob(f"{_PREFIX}*.jsonl"), reverse=True):
        head, *lines = list(_lines(path)) or [{}]
        if head.get("source_bucket") != source_bucket:
            continue
        sent = [line for line in lines if line.get("event") == "sent"]
        if not sent or head.get("version") != _VERSION or any(line.get("event") in _ENDS for line in lines):
            break
        if head["recipes"] != mark_of(recipes):
            raise Misuse(f"The recipes have changed since {path} was begun: begin a new one with backfill --outdated.")
        count = sum(line["count"] for line in lines if line.get("event") in _SIGNS)
        how = (head["prefix"], head["only_outdated"], head["looks"])
        return Interrupted(path, *how, head["listed"], head["outdated"], count, sent[-1]["last"])
    raise Misuse(f"The latest backfill of {source_bucket} from here has sent everything, or nothing: begin a new one.")


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
