"""A batch of messages in, a report out.

No picture suffers for its neighbour, and the order of a batch sees to that:

    1  on their last attempt   in a child process, briefly, then each with an equal share of the time: SQS delivers them no more
    2  fresh                   in this process, overlapped: the requests of some while another one is rendered
    3  deleted                 whatever is done by now
    4  received before         in a child process, briefly, so that none waits for one that hangs
    5  too slow in 4           in a child process, each with all the time that is left
    6  postponed               whatever is to be retried

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from worker.contracts.errors import OutOfTime
from worker.contracts.events import leftovers_in, looks_in
from worker.process.clock import Clock
from worker.queue.reconciliations import Reconciliations
from worker.queue.settlement import Attempt, Settlement
from worker.queue.triage import Triage
from worker.rendering.renderer import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.process.overlap import Overlap
    from worker.queue.message import Message
    from worker.queue.reconciliations import Outcome
    from worker.queue.retry_delay import RetryDelay
    from worker.queue.settlement import DeadLetterSink, Measure, Queue
    from worker.queue.triage import Hint
    from worker.reconcile.reconciler import Reconciled

    Reconcile = Callable[[str, Budget, Sequence[str], bool], Reconciled]

BRIEFLY: Final = 0.1
"""Of the invocation, at most: the first try of a suspect."""
KEPT: Final = 0.6
"""Of the invocation, if there is as much: what all first tries together leave for pictures that need more."""
CONCLUSIVE: Final = 0.5
"""Of the invocation, at least: a picture that had as much and is not finished is rejected."""


def _no_metrics(*_: object) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Batch:
    """Handles the messages of one queue.

    Attributes:
        bucket: Name of the source bucket.
        reconcile: Reconciles one key, whose leftovers a message may name, or ask for its look; raises `Reject` or `Retry`.
        dead_letters: Where rejects go, before their message is acknowledged.
        queue: Where the messages came from.
        retry_delay: How long a retry waits.
        max_receive_count: The attempt that is the last.
        measure: Returns the metrics for the log line of an outcome: event, message, outcomes of its keys, error.
        overlap: Overlaps fresh pictures; None: one after the other.
    """

    bucket: str
    reconcile: Reconcile
    dead_letters: DeadLetterSink
    queue: Queue
    retry_delay: RetryDelay
    max_receive_count: int
    measure: Measure = _no_metrics
    overlap: Overlap | None = None

    def __call__(self, messages: Sequence[Message], request_id: str, remaining: Callable[[], float]) -> dict[str, Any]:
        """Handle `messages` and return Lambda's partial batch response: those to retry, maybe all of them.

        `remaining` returns the seconds until Lambda ends the invocation.
        """
        triage = Triage.of(messages, self.bucket, self.max_receive_count)
        clock = Clock(remaining)
        settlement = Settlement(self.dead_letters, self.queue, self.retry_delay, self.measure, request_id)
        run = _Run(clock, Reconciliations(self._reconciling(messages), clock, self.overlap), settlement)
        run.share_time_among(run.try_briefly(triage.last))
        run.handle(triage.fresh)
        if triage.suspects:
            settlement.delete_done()
        run.take_time_for(run.try_briefly(triage.suspects))
        settlement.postpone_retries()
        return {"batchItemFailures": [{"itemIdentifier": message.message_id} for message, _ in settlement.retries]}

    def _reconciling(self, messages: Sequence[Message]) -> Callable[[str, Budget], Reconciled]:
        """Return what reconciles a key once for all of the messages, with the leftovers that any of them names, and the look."""

        def reconcile(key: str, budget: Budget) -> Reconciled:
            named = [each for message in messages for each in leftovers_in(message.body, key)]
            looks = any(looks_in(message.body, key) for message in messages)
            return self.reconcile(key, budget, tuple(dict.fromkeys(named)), looks)

        return reconcile


@dataclass(frozen=True)
class _Run:
    """One invocation: gives each message its share of the time, and settles it."""

    clock: Clock
    keys: Reconciliations
    settlement: Settlement

    def handle(self, hints: Sequence[Hint]) -> None:
        """Settle each message, rendering in this process."""
        self.keys.start(key for hint in hints for key in hint.keys)
        for hint in hints:
            # In this process, but for a picture whose manifest says that it ended one: that is held to its time.
            left = self.clock.left
            self._settle(hint, self._outcomes(hint, Budget(left, conclusive=self._is_conclusive(left))))

    def share_time_among(self, hints: Sequence[Hint]) -> None:
        """Settle each message, with no less than an equal share of the time: SQS will not deliver it again."""
        for index, hint in enumerate(hints):
            self._settle(hint, self._outcomes(hint, self._in_child(hint, self.clock.left / (len(hints) - index))))

    def try_briefly(self, hints: Sequence[Hint]) -> list[Hint]:
        """Settle each message that can be in its share of the time; return the others.

        All shares together leave enough time for one of those others to be done, or rejected.
        """
        kept = KEPT * min(self.clock.whole, self.clock.left)
        slow = []
        for index, hint in enumerate(hints):
            spare = max(0.0, self.clock.left - kept) / (len(hints) - index)
            outcomes = self._outcomes(hint, self._in_child(hint, min(BRIEFLY * self.clock.whole, spare)))
            if any(isinstance(outcome, OutOfTime) for outcome in outcomes):
                slow.append(hint)
            else:
                self._settle(hint, outcomes)
        return slow

    def take_time_for(self, hints: Sequence[Hint]) -> None:
        """Settle each message, with all the time that those before it have left."""
        for hint in hints:
            self._settle(hint, self._outcomes(hint, self._in_child(hint, self.clock.left)))

    def _in_child(self, hint: Hint, seconds: float) -> Budget:
        """Return the budget of each key of the message, so that all of them end within `seconds`."""
        share = seconds / max(1, len(hint.keys))
        return Budget(share, in_child=True, conclusive=self._is_conclusive(share))

    def _is_conclusive(self, seconds: float) -> bool:
        return seconds >= CONCLUSIVE * self.clock.whole

    def _outcomes(self, hint: Hint, budget: Budget) -> list[Outcome]:
        """Return the outcome of each key of the message, independent of the others."""
        return [hint.malformed] if hint.malformed else [self.keys.outcome(key, budget) for key in hint.keys]

    def _settle(self, hint: Hint, outcomes: Sequence[Outcome]) -> None:
        self.settlement.settle(Attempt(hint, outcomes, sum(self.keys.pop_seconds(key) for key in hint.keys)))
