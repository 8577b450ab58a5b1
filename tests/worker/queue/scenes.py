"""Batches whose reconcile is a double: a test says the outcome of each key, and how long it takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.worker.fakes import MemoryDeadLetters, MemoryQueue, StoppedClock
from worker.contracts.errors import DecoderTimeout, OutOfTime
from worker.contracts.events import event_body
from worker.process.overlap import NeedsExclusive, Overlap
from worker.queue.batch import Batch
from worker.queue.message import Message
from worker.queue.retry_delay import RetryDelay
from worker.reconcile.reconciler import READY, Reconciled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.rendering.renderer import Budget

DAY = 86_400.0


def message(*keys: str, message_id: str = "m1", receive_count: int = 1) -> Message:
    """Return a delivery that hints at `keys`."""
    return Message(message_id, event_body("pictures", *keys), receive_count)


def run(outcomes: dict[str, Exception], *messages: Message, dead_letters: MemoryDeadLetters | None = None):
    """Run a batch where reconciling a key raises its outcome; return failed ids and dead letters."""

    def reconcile(key: str, budget: Budget, leftovers: Sequence[str] = (), looks: bool = False) -> Reconciled:
        if key in outcomes:
            raise outcomes[key]
        return Reconciled(READY)

    letters = dead_letters or MemoryDeadLetters()
    report = batch(reconcile, letters=letters)(messages, "request-1", StoppedClock())
    return [failure["itemIdentifier"] for failure in report["batchItemFailures"]], letters.letters


def batch(
    reconcile,
    *,
    letters: MemoryDeadLetters | None = None,
    queue: MemoryQueue | None = None,
    overlap: Overlap | None = None,
) -> Batch:
    """Return a batch that gives up on the fifth attempt, and delays by half of what it might."""
    return Batch(
        bucket="pictures",
        reconcile=reconcile,
        dead_letters=letters or MemoryDeadLetters(),
        queue=queue or MemoryQueue(),
        retry_delay=RetryDelay(retention=DAY, now=lambda: 0.0, random=lambda: 0.5),
        max_receive_count=5,
        overlap=overlap,
    )


def lines(capsys) -> list[dict]:
    """Return what was logged."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


class Bench:
    """A reconcile whose keys cost seconds and end in outcomes, and everything that a batch calls."""

    def __init__(self, seconds: dict[str, float] | None = None, outcomes: dict[str, Exception] | None = None) -> None:
        self.seconds, self.outcomes = seconds or {}, outcomes or {}
        self.clock, self.queue, self.letters = StoppedClock(), MemoryQueue(), MemoryDeadLetters()
        self.budgets: list[tuple[str, Budget]] = []
        self.deleted_before: dict[str, list[str]] = {}
        self.stored_before: dict[str, list[str]] = {}

    def reconcile(self, key: str, budget: Budget, leftovers: Sequence[str] = (), looks: bool = False) -> Reconciled:
        """Take as long as the key needs; in a child process, no longer than the budget allows."""
        self.budgets.append((key, budget))
        self.deleted_before.setdefault(key, list(self.queue.deleted))
        self.stored_before.setdefault(key, list(self.reasons))
        needed = self.seconds.get(key, 0)
        self.clock.left -= min(needed, budget.seconds) if budget.in_child else needed
        if budget.in_child and needed > budget.seconds:
            raise DecoderTimeout("slow") if budget.conclusive else OutOfTime("slow")
        if key in self.outcomes:
            raise self.outcomes[key]
        return Reconciled(READY)

    def run(self, *messages: Message) -> list[str]:
        """Return the ids of the messages to retry."""
        handle = batch(self.reconcile, letters=self.letters, queue=self.queue)
        report = handle(messages, "request-1", self.clock)
        return [failure["itemIdentifier"] for failure in report["batchItemFailures"]]

    @property
    def order(self) -> list[str]:
        """The keys as they were tried."""
        return [key for key, _ in self.budgets]

    @property
    def reasons(self) -> dict[str, str]:
        """The reason of each dead letter."""
        return {message.message_id: error.reason for message, error in self.letters.letters}


class Overlapped:
    """A batch of keys that overlap, whose reconcile makes a `request`, renders, and makes another one."""

    def __init__(self, request=lambda _key: None, render=lambda _key: None, exclusive=()) -> None:
        self.request, self.render, self.exclusive = request, render, exclusive
        self.time, self.letters = StoppedClock(), MemoryDeadLetters()
        self.budgets: list[tuple[str, Budget]] = []
        self.committed: list[str] = []

    def reconcile(self, key: str, budget: Budget, leftovers: Sequence[str] = (), looks: bool = False) -> Reconciled:
        """Request, render, commit."""
        self.budgets.append((key, budget))
        self.request(key)
        if budget.reservation:
            if key in self.exclusive:
                raise NeedsExclusive
            with budget.reservation.render_slot():
                self.render(key)
        self.request(key)
        self.committed.append(key)
        return Reconciled(READY)

    def run(self, *messages: Message) -> list[str]:
        """Return the ids of the messages to retry."""
        handle = batch(self.reconcile, letters=self.letters, overlap=Overlap(10, 100))
        report = handle(messages, "request-1", self.time)
        return [failure["itemIdentifier"] for failure in report["batchItemFailures"]]
