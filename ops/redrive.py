"""Sends dead letters back, batch by batch, so that none is lost however it ends.

    SendMessageBatch ─▶ journal: sent ─▶ DeleteMessageBatch ─▶ journal: deleted

Only what AWS confirmed as sent is deleted; what it refused, and what was never reached, is given back to the
dead-letter queue. Several batches are under way at once; each goes through the four steps on its own.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ops.batches import batches, insist, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ops.batches import Failure
    from ops.hold import Hold
    from ops.journal import Journal
    from ops.letters import Letter
    from ops.pace import Pace
    from ops.queues import Queue

THREADS: Final = 8
"""Batches under way at once."""


@dataclass
class Tally:
    """What became of the letters that a redrive was to send.

    Attributes:
        sent: Ids of this run that AWS has taken.
        refused: Why AWS did not take a letter, by id; it is still a dead letter.
        undeleted: Why AWS did not delete a letter that was sent, by id; it would be sent twice, so resume.
        missing: Ids that the dead-letter queue no longer has: expired, or somebody else took them.
    """

    sent: list[str] = field(default_factory=list)
    refused: dict[str, Failure] = field(default_factory=dict)
    undeleted: dict[str, Failure] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to do again."""
        return not self.refused and not self.undeleted

    def add(self, other: Tally) -> None:
        """Take the other's letters too."""
        self.sent += other.sent
        self.refused |= other.refused
        self.undeleted |= other.undeleted
        self.missing |= other.missing


@dataclass(frozen=True)
class Redrive:
    """Moves letters from the hold on the dead-letter queue to `queue`.

    Attributes:
        on_progress: Told how many more letters are settled.
        patience: Seconds to wait for letters that somebody else hides, such as a run that was killed.
        pause: Sleeps for seconds.
    """

    hold: Hold
    queue: Queue
    journal: Journal
    pace: Pace
    on_progress: Callable[[int], None] = lambda _count: None
    threads: int = THREADS
    patience: float = 0
    pause: Callable[[float], None] = time.sleep

    def run(self, ids: Sequence[str]) -> Tally:
        """Redrive these letters, or only delete those that the journal knows as sent.

        Raises:
            Refusal: AWS did not do it, or did not answer; the journal knows how far this came.
        """
        total = Tally()
        under_way: set[Future[Tally]] = set()
        with ThreadPoolExecutor(self.threads, "redrive") as pool:
            for batch in self._batches(ids):
                self.pace.wait(len(batch))
                under_way.add(pool.submit(self._move, batch))
                if len(under_way) >= self.threads:
                    under_way = self._collect(under_way, total)
            while under_way:
                under_way = self._collect(under_way, total)
        total.missing = self.hold.missing - self.journal.record.sent
        self.journal.deleted(self.hold.missing & self.journal.record.sent)
        return total

    def _batches(self, ids: Sequence[str]) -> Iterator[list[Letter]]:
        return batches((letter, size_of(letter.redriven())) for letter in self.hold.take(ids, patience=self.patience))

    def _collect(self, under_way: set[Future[Tally]], total: Tally) -> set[Future[Tally]]:
        done, rest = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            tally = future.result()
            total.add(tally)
            self.on_progress(len(tally.sent) + len(tally.refused))
        return rest

    def _move(self, letters: Sequence[Letter]) -> Tally:
        tally = Tally()
        known = [letter.id for letter in letters if letter.id in self.journal.record.sent]
        self._send([letter for letter in letters if letter.id not in self.journal.record.sent], tally)
        self._delete([*known, *tally.sent], tally)
        return tally

    def _send(self, letters: Sequence[Letter], tally: Tally) -> None:
        def send(some: list[Letter]) -> dict[int, Failure]:
            failed = self.queue.send([letter.redriven() for letter in some])
            sent = [letter.id for place, letter in enumerate(some) if place not in failed]
            self.journal.sent(sent)
            tally.sent += sent
            return failed

        refused = insist(send, letters, self.pause)
        tally.refused |= {letters[place].id: failure for place, failure in refused.items()}

    def _delete(self, ids: Sequence[str], tally: Tally) -> None:
        def delete(some: list[str]) -> dict[int, Failure]:
            failed = self.hold.delete(some)
            self.journal.deleted(id_ for place, id_ in enumerate(some) if place not in failed)
            return failed

        undeleted = insist(delete, ids, self.pause)
        tally.undeleted |= {ids[place]: failure for place, failure in undeleted.items()}
