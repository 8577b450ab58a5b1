"""Sends dead letters back, batch by batch; none is lost, whatever ends the command.

    SendMessageBatch ─▶ journal: sent ─▶ DeleteMessageBatch ─▶ journal: deleted

Only what AWS confirmed as sent is deleted; what it refused, and what was never reached, is given back to the
dead-letter queue. Several batches are under way at once; each goes through the four steps on its own.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ops.queues.batches import batches, divided, retry_failed, size_of
from ops.queues.rate import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ops.queues.batches import Failure
    from ops.queues.letter import Letter
    from ops.queues.queue import Queue
    from ops.queues.sweep import Sweep
    from ops.redrive.journal import Journal
    from ops.redrive.report import Report

THREADS: Final = 8
"""Batches under way at once."""


@dataclass(frozen=True)
class Redrive:
    """Moves letters from a sweep of the dead-letter queue to `queue`.

    Attributes:
        on_progress: Told how many more letters are settled.
        patience: Seconds to wait for letters that are hidden by others, such as a run that was killed.
        pause: Sleeps for seconds.
    """

    sweep: Sweep
    queue: Queue
    journal: Journal
    rate_limit: RateLimit = field(default_factory=lambda: RateLimit(None))
    on_progress: Callable[[int], None] = lambda _count: None
    threads: int = THREADS
    patience: float = 0
    pause: Callable[[float], None] = time.sleep

    def run(self, ids: Sequence[str], report: Report) -> None:
        """Redrive these letters, or only delete those that the journal knows as sent; add to `report` what became of them.

        Raises:
            Refusal: AWS did not do it, or did not answer; the journal knows how far this came.
        """
        under_way: set[Future[int]] = set()
        with ThreadPoolExecutor(self.threads, "redrive") as pool:
            for batch in self._batches(ids):
                self.rate_limit.wait(len(batch))
                under_way.add(pool.submit(self._move, batch, report))
                if len(under_way) >= self.threads:
                    under_way = self._collect(under_way)
            while under_way:
                under_way = self._collect(under_way)
        report.missing |= self.sweep.missing - self.journal.state.sent
        self.journal.deleted(self.sweep.missing & self.journal.state.sent)

    def _batches(self, ids: Sequence[str]) -> Iterator[list[Letter]]:
        return batches(
            (letter, size_of(letter.redrive_entry())) for letter in self.sweep.take(ids, patience=self.patience)
        )

    def _collect(self, under_way: set[Future[int]]) -> set[Future[int]]:
        done, rest = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            self.on_progress(future.result())
        return rest

    def _move(self, letters: Sequence[Letter], report: Report) -> int:
        """Send and delete a batch; return how many letters it had. Several threads add to `report` at once."""
        known = [letter.id for letter in letters if letter.id in self.journal.state.sent]
        sent = self._send([letter for letter in letters if letter.id not in self.journal.state.sent], report)
        self._delete([*known, *sent], report)
        return len(letters)

    def _send(self, letters: Sequence[Letter], report: Report) -> list[str]:
        def send(some: list[Letter]) -> dict[int, Failure]:
            failed = self.queue.send([letter.redrive_entry() for letter in some])
            self.journal.sent(letter.id for place, letter in enumerate(some) if place not in failed)
            return failed

        refused = retry_failed(divided(send), letters, self.pause)
        sent = [letter.id for place, letter in enumerate(letters) if place not in refused]
        report.sent.extend(sent)
        report.refused.update({letters[place].id: failure for place, failure in refused.items()})
        return sent

    def _delete(self, ids: Sequence[str], report: Report) -> None:
        def delete(some: list[str]) -> dict[int, Failure]:
            failed = self.sweep.delete(some)
            self.journal.deleted(id_ for place, id_ in enumerate(some) if place not in failed)
            return failed

        undeleted = retry_failed(delete, ids, self.pause)
        report.undeleted.update({ids[place]: failure for place, failure in undeleted.items()})
