"""Follows letters that were sent back to their outcome: success is seen in the manifest, failure in the dead letters.

A picture is ready when its manifest is of the source and recipe that there are now, and settled too when source and
manifest are both gone. It failed again when a dead letter with the same body and one more redrive is there. Which of
both comes, comes; until then it is queued. A message that names no key leaves no trace when it is handled: it counts as
ready when the queue is empty and no letter has come of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ops.dead_letters.verdict import is_current
from ops.queues.letter import NO_REASON
from ops.queues.sweep import Sweep
from ops.stack.parallel import each_with_result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.queues.queue import Queue
    from ops.redrive.planned import Planned
    from ops.redrive.report import Report
    from ops.session import Session
    from ops.stack.buckets import Pictures
    from worker.contracts.recipes.by_prefix import Recipes

_POLL_SECONDS: Final = 1.0
_EMPTY_COUNTS: Final = 2
"""Looks in a row at an empty queue that prove it empty: SQS's counts lag."""
_PAUSE_PER_RECEIVE: Final = 5
"""Looking for failures receives every dead letter, so it takes at most one of this many seconds."""


@dataclass(frozen=True)
class Follower:
    """Waits for the outcomes of letters that were sent back.

    Attributes:
        recipes: That ready pictures are of.
        patience: Seconds until a picture that is neither ready nor failed counts as still queued.
    """

    pictures: Pictures
    queue: Queue
    dead_letters: Queue
    recipes: Recipes
    patience: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def of(cls, session: Session, patience: float) -> Follower:
        """Return the follower of a stack's letters."""
        recipes = session.deployment.recipes
        return cls(session.pictures, session.queue, session.dead_letters, recipes, patience)

    def follow(self, letters: Sequence[Planned], report: Report) -> None:
        """Return when each letter is ready or failed again, or `patience` is over; `report` has what became of them.

        Raises:
            Refusal: AWS does not show what there is.
        """
        report.queued += letters
        seen: set[str] = set()
        deadline, next_receive, drained = self.clock() + self.patience, 0.0, 0
        while True:
            drained = drained + 1 if self.queue.depth().total == 0 else 0
            self._find_ready(report)
            if report.queued and self.clock() >= next_receive:
                began = self.clock()
                self._find_failed(report, seen)
                next_receive = self.clock() + _PAUSE_PER_RECEIVE * (self.clock() - began)
                if drained >= _EMPTY_COUNTS:
                    self._find_handled(report)
            if not report.queued or self.clock() >= deadline:
                return
            self.sleep(_POLL_SECONDS)

    def _find_ready(self, report: Report) -> None:
        checked = list(each_with_result(self._is_ready, report.queued))
        report.ready += [letter for letter, is_ready in checked if is_ready]
        report.queued = [letter for letter, is_ready in checked if not is_ready]

    def _is_ready(self, letter: Planned) -> bool:
        return bool(letter.keys) and all(self._is_settled(key) for key in letter.keys)

    def _is_settled(self, key: str) -> bool:
        source, manifest = self.pictures.source(key), self.pictures.manifest(key)
        recipe = self.recipes.of(key)
        return manifest is None if source is None or recipe.is_ignored else is_current(source, manifest, recipe)

    def _find_failed(self, report: Report, seen: set[str]) -> None:
        """Match letters by body and count; of two that are the same in both, one may have failed.

        The dead letters in `seen` stand for a failure already.
        """
        waiting: dict[tuple[str, int], list[Planned]] = {}
        for planned in report.queued:
            waiting.setdefault((planned.fingerprint, planned.redrives + 1), []).append(planned)
        with Sweep(self.dead_letters) as sweep:
            for letter in sweep.letters():
                same = waiting.get((letter.fingerprint, letter.redrives))
                if same and letter.id not in seen:
                    seen.add(letter.id)
                    report.failed.append((same.pop(), letter.reason or NO_REASON))
        report.queued = [planned for same in waiting.values() for planned in same]

    def _find_handled(self, report: Report) -> None:
        """Settle what names no key; the queue was empty before the dead letters were received."""
        report.ready += [letter for letter in report.queued if not letter.keys]
        report.queued = [letter for letter in report.queued if letter.keys]
