"""Sends dead letters back, batch by batch, so that none is lost however it ends.

    journal: sending ─▶ SendMessageBatch ─▶ journal: sent ─▶ DeleteMessageBatch ─▶ journal: deleted

Only what AWS confirmed as sent is deleted; what it refused, and what was never reached, is given back to the
dead-letter queue. Several batches are under way at once; each goes through the five steps on its own.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ops.errors import Busy
from ops.queues import batches, size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ops.hold import Hold
    from ops.journal import Journal
    from ops.letters import Letter
    from ops.pace import Pace
    from ops.queues import Failure, Queue

THREADS: Final = 8
"""Batches under way at once."""
_ATTEMPTS: Final = 3
"""At a batch, or at what is left of it, before it counts as refused."""
_PAUSE: Final = 0.5
"""Seconds before the second attempt; twice as long before the third."""


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
        """Send, then send again what AWS may still take."""
        left = list(letters)
        for attempt in range(_ATTEMPTS):
            if not left:
                return
            if attempt:
                self.pause(_PAUSE * attempt)
            left = self._send_once(left, tally, is_last=attempt == _ATTEMPTS - 1)

    def _send_once(self, letters: list[Letter], tally: Tally, *, is_last: bool) -> list[Letter]:
        """Send one batch and return what is worth another attempt."""
        self.journal.sending(letter.id for letter in letters)
        try:
            failed = self.queue.send([letter.redriven() for letter in letters])
        except Busy:
            self.journal.refused(letter.id for letter in letters)
            if is_last:
                raise
            return letters
        sent = [letter.id for place, letter in enumerate(letters) if place not in failed]
        self.journal.sent(sent)
        self.journal.refused(letters[place].id for place in failed)
        tally.sent += sent
        given_up = {place: failure for place, failure in failed.items() if is_last or failure.is_lasting}
        tally.refused |= {letters[place].id: failure for place, failure in given_up.items()}
        return [letters[place] for place in failed if place not in given_up]

    def _delete(self, ids: list[str], tally: Tally) -> None:
        failed: dict[str, Failure] = {}
        for attempt in range(_ATTEMPTS):
            if not ids:
                return
            if attempt:
                self.pause(_PAUSE * attempt)
            failed = self.hold.delete(ids)
            self.journal.deleted(id_ for id_ in ids if id_ not in failed)
            ids = list(failed)
        tally.undeleted |= failed
