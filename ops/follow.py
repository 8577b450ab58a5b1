"""What became of letters after they were sent back: success is read off the manifest, failure off the dead letters.

A picture is ready when its manifest is of the source and recipe that there are now, and settled too when source and
manifest are both gone. It failed again when a dead letter with the same body and one more redrive is there. Which of
both comes, comes; until then it is queued. A message that names no key leaves no trace when it is handled: it counts as
ready when the queue is empty and no letter has come of it.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ops.hold import Hold
from ops.letters import NO_REASON
from ops.verdict import is_current

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.pictures import Pictures
    from ops.plan import Planned
    from ops.queues import Queue
    from ops.session import Session

PATIENCE: Final = 300.0
"""Seconds until a picture that is neither ready nor rejected counts as still queued."""
_THREADS: Final = 16
_POLL: Final = 1.0
_DRAINED: Final = 2
"""Looks in a row at an empty queue that prove it empty: SQS's counts lag."""
_SHARE: Final = 5
"""Looking for failures takes at most one in so many seconds: it receives every dead letter there is."""


@dataclass
class Outcomes:
    """Letters by what became of them; `seen` are the dead letters that stand for a failure already."""

    ready: list[Planned] = field(default_factory=list)
    failed: list[tuple[Planned, str]] = field(default_factory=list)
    queued: list[Planned] = field(default_factory=list)
    seen: set[str] = field(default_factory=set, repr=False)

    @property
    def all_ready(self) -> bool:
        """Whether nothing needs attention."""
        return not self.failed and not self.queued

    def add(self, other: Outcomes) -> None:
        """Take the other's letters too."""
        self.ready += other.ready
        self.failed += other.failed
        self.queued += other.queued

    def lines(self) -> list[str]:
        """Return the report for people."""
        reasons = Counter(reason for _, reason in self.failed)
        return [
            f"ready           {len(self.ready)}",
            f"failed again    {len(self.failed)}",
            *(f"                {count} {reason}" for reason, count in sorted(reasons.items())),
            f"still queued    {len(self.queued)}",
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "ready": len(self.ready),
            "failed": dict(sorted(Counter(reason for _, reason in self.failed).items())),
            "queued": len(self.queued),
        }


@dataclass(frozen=True)
class Follower:
    """Waits for the outcomes of letters that were sent back.

    Attributes:
        recipe: That a ready picture is of.
        on_progress: Told how many more letters are decided.
        patience: Seconds to wait in all.
    """

    pictures: Pictures
    queue: Queue
    dead_letters: Queue
    recipe: str
    on_progress: Callable[[int], None] = lambda _count: None
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def of(cls, session: Session, patience: float) -> Follower:
        """Return the follower of a stack's letters."""
        recipe = session.deployment.recipe
        return cls(session.pictures, session.queue, session.dead_letters, recipe, patience=patience)

    def follow(self, letters: Sequence[Planned]) -> Outcomes:
        """Return when each letter is ready or failed again, or `patience` is over.

        Raises:
            Refusal: AWS does not show what there is.
        """
        outcomes = Outcomes(queued=list(letters))
        deadline, look_at_letters, drained = self.clock() + self.patience, 0.0, 0
        while True:
            before = len(outcomes.queued)
            drained = drained + 1 if self.queue.depth().total == 0 else 0
            self._find_ready(outcomes)
            if outcomes.queued and self.clock() >= look_at_letters:
                began = self.clock()
                self._find_failed(outcomes)
                look_at_letters = self.clock() + _SHARE * (self.clock() - began)
                if drained >= _DRAINED:
                    self._find_handled(outcomes)
            self.on_progress(before - len(outcomes.queued))
            if not outcomes.queued or self.clock() >= deadline:
                return outcomes
            self.sleep(_POLL)

    def _find_ready(self, outcomes: Outcomes) -> None:
        with ThreadPoolExecutor(_THREADS, "follow") as pool:
            are_ready = list(pool.map(self._is_ready, outcomes.queued))
        outcomes.ready += [letter for letter, ready in zip(outcomes.queued, are_ready, strict=True) if ready]
        outcomes.queued = [letter for letter, ready in zip(outcomes.queued, are_ready, strict=True) if not ready]

    def _is_ready(self, letter: Planned) -> bool:
        return bool(letter.keys) and all(self._is_settled(key) for key in letter.keys)

    def _is_settled(self, key: str) -> bool:
        source, manifest = self.pictures.source(key), self.pictures.manifest(key)
        return manifest is None if source is None else is_current(source, manifest, self.recipe)

    def _find_failed(self, outcomes: Outcomes) -> None:
        """Match letters by body and count; of two that are the same in both, one may have failed."""
        waiting: dict[tuple[str, int], list[Planned]] = {}
        for planned in outcomes.queued:
            waiting.setdefault((planned.fingerprint, planned.redrives + 1), []).append(planned)
        with Hold(self.dead_letters) as hold:
            for letter in hold.sweep():
                same = waiting.get((letter.fingerprint, letter.redrives))
                if same and letter.id not in outcomes.seen:
                    outcomes.seen.add(letter.id)
                    outcomes.failed.append((same.pop(), letter.reason or NO_REASON))
        outcomes.queued = [planned for same in waiting.values() for planned in same]

    def _find_handled(self, outcomes: Outcomes) -> None:
        """Settle what names no key; the queue was empty before the dead letters were looked at."""
        outcomes.ready += [letter for letter in outcomes.queued if not letter.keys]
        outcomes.queued = [letter for letter in outcomes.queued if letter.keys]
