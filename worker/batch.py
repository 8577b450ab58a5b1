"""A batch of messages in, a report out: each message ends in exactly one of done, retry and reject.

No picture suffers for its neighbour, and the order of a batch sees to that:

    1  on their last attempt   apart, briefly, then each with an equal share of the time: who has others left can wait
    2  fresh                   here, side by side: the requests of some while another one is rendered
    3  deleted                 whatever is settled by now
    4  received before         apart, briefly, so that none waits for one that hangs
    5  too slow in 4           apart, each with all the time that is left
    6  put off                 whatever has to be tried again

What became of the pictures of 1, 2 or 4 is told in one request for ten of them; only then are they committed, and their
messages settled.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from worker.attempt import Attempt
from worker.clock import Clock
from worker.completion import BATCH
from worker.errors import OutOfTime, PipelineError
from worker.guard import guarded
from worker.log import DONE, NOT_DELETED, NOT_POSTPONED, REJECT, RETRY, log
from worker.renderer import Trial
from worker.together import Together
from worker.triage import Triage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.attempt import Outcome
    from worker.backoff import Backoff
    from worker.lanes import Lanes
    from worker.message import Message
    from worker.together import Publish, Reconcile
    from worker.triage import Hint

    Measure = Callable[[str, Message, Sequence[Outcome], PipelineError | None], dict[str, Any]]

BRIEFLY: Final = 0.1
"""Of the invocation, at most: the first try of a suspect."""
KEPT: Final = 0.6
"""Of the invocation, if there is as much: what all first tries together leave for those that need more."""
CONCLUSIVE: Final = 0.5
"""Of the invocation, at least: a picture that was given as much and is not finished is given up."""
TOGETHER: Final = BATCH
"""Pictures that wait for each other at most: as many as are told of in one request. What comes after it, a PUT and a HEAD
for each, fits into what the clock keeps in reserve."""


class DeadLetterSink(Protocol):
    """Where rejects go."""

    def send(self, message: Message, error: PipelineError, request_id: str) -> None:
        """Store `message` with its reason, or raise `Retry`."""
        ...


class Queue(Protocol):
    """Where the messages came from; both return the ids of messages that it did not do it for, or raise `Retry`."""

    def delete(self, messages: Sequence[Message]) -> list[str]:
        """Delete the messages."""
        ...

    def postpone(self, delays: Sequence[tuple[Message, int]]) -> list[str]:
        """Hide each message for so many seconds."""
        ...


def _unmeasured(*_: object) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Batch:
    """Handles the messages of one queue.

    Attributes:
        bucket: Name of the source bucket.
        reconcile: Reconciles one key, step by step; raises `Reject` or `Retry`.
        publish: Tells of manifests, and returns by place why it did not of some; raises `Retry`.
        dead_letters: Where rejects go, before their message is acknowledged.
        queue: Where the messages came from.
        backoff: How long a retry waits.
        max_receive_count: The attempt that is the last.
        measure: Returns the metrics for the log line of an outcome: event, message, outcomes of its keys, error.
        lanes: Where fresh pictures are side by side; None: one after the other.
    """

    bucket: str
    reconcile: Reconcile
    publish: Publish
    dead_letters: DeadLetterSink
    queue: Queue
    backoff: Backoff
    max_receive_count: int
    measure: Measure = _unmeasured
    lanes: Lanes | None = None

    def __call__(self, messages: Sequence[Message], request_id: str, remaining: Callable[[], float]) -> dict[str, Any]:
        """Handle `messages` and return Lambda's partial batch response: those to retry, maybe all of them.

        `remaining` tells the seconds until Lambda ends the invocation.
        """
        triage = Triage.of(messages, self.bucket, self.max_receive_count)
        run = _Run(self, request_id, Clock(remaining))
        run.share_time_among(run.try_briefly(triage.last))
        run.handle(triage.fresh)
        if triage.suspects:
            run.delete_settled()
        run.take_time_for(run.try_briefly(triage.suspects))
        run.postpone_retries()
        return {"batchItemFailures": [{"itemIdentifier": message.message_id} for message, _ in run.retries]}


@dataclass
class _Run:
    """One invocation: what became of each key so far, and of each message."""

    batch: Batch
    request_id: str
    clock: Clock
    settled: list[Message] = field(default_factory=list)
    turns: int = 0
    retries: list[tuple[Message, int]] = field(default_factory=list)
    begun: list[tuple[Hint, dict[str, OutOfTime]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = Together(self.batch.reconcile, self.batch.publish, self.clock, self.batch.lanes)

    def handle(self, hints: Sequence[Hint]) -> None:
        """Settle each message, rendering in this process."""
        for first in range(0, len(hints), TOGETHER):
            few = hints[first : first + TOGETHER]
            self.keys.begin_all(key for hint in few for key in hint.keys)
            self.begun += [(hint, {}) for hint in few]
            self._settle_begun()

    def share_time_among(self, hints: Sequence[Hint]) -> None:
        """Settle each message, with no less than an equal share of the time: SQS will not deliver it again."""
        for index, hint in enumerate(hints):
            self._begin(hint, self._apart(hint, self.clock.left / (len(hints) - index)))
            self._settle_begun()

    def try_briefly(self, hints: Sequence[Hint]) -> list[Hint]:
        """Settle each message that can be in its share of the time; return the others.

        All of the shares together leave enough for one of those others to be done, or given up.
        """
        kept = KEPT * min(self.clock.whole, self.clock.left)
        slow = []
        for index, hint in enumerate(hints):
            spare = max(0.0, self.clock.left - kept) / (len(hints) - index)
            if not self._begin(hint, self._apart(hint, min(BRIEFLY * self.clock.whole, spare)), brief=True):
                slow.append(hint)
        self._settle_begun()
        return slow

    def take_time_for(self, hints: Sequence[Hint]) -> None:
        """Settle each message, with all the time that those before it have left."""
        for hint in hints:
            self._begin(hint, self._apart(hint, self.clock.left))
            self._settle_begun()

    def _apart(self, hint: Hint, seconds: float) -> Trial:
        """Return the terms on which each key of the message is tried, all of them within `seconds`."""
        share = seconds / max(1, len(hint.keys))
        return Trial(share, apart=True, conclusive=share >= CONCLUSIVE * self.clock.whole)

    def delete_settled(self) -> None:
        """Delete what is settled, so that it does not come back should a suspect end this process all the same."""
        failed = guarded(lambda: self.batch.queue.delete(self.settled)) if self.settled else []
        if failed:
            log(NOT_DELETED, request_id=self.request_id, **_failure(failed))

    def postpone_retries(self) -> None:
        """Have every retry wait as long as it should, instead of the whole visibility timeout."""
        failed = guarded(lambda: self.batch.queue.postpone(self.retries)) if self.retries else []
        if failed:
            log(NOT_POSTPONED, request_id=self.request_id, **_failure(failed))

    def _begin(self, hint: Hint, trial: Trial, *, brief: bool = False) -> bool:
        """Begin with every key of the message, each whatever becomes of the others; return whether the time sufficed.

        One that it did not suffice for is left to be tried again where the trial was `brief`, else settled with the others.
        """
        late = {key: error for key in hint.keys if (error := self.keys.begin(key, trial))}
        if late and brief:
            return False
        self.begun.append((hint, late))
        if self.keys.waiting >= TOGETHER:
            self._settle_begun()
        return not late

    def _settle_begun(self) -> None:
        """Tell of all that was begun, and settle its messages."""
        self.keys.finish()
        for hint, late in self.begun:
            outcomes = [hint.malformed] if hint.malformed else [self.keys.outcomes.get(k) or late[k] for k in hint.keys]
            self._settle(Attempt(hint, outcomes, sum(self.keys.seconds.pop(key, 0.0) for key in hint.keys)))
        self.begun.clear()

    def _settle(self, attempt: Attempt) -> None:
        """Send the message where it belongs."""
        hint, error = attempt.hint, attempt.error
        rejected = error is not None and (not error.retryable or hint.last)
        if error and rejected:
            failure = self._dead_letter(hint.message, error)
            error, rejected = failure or error, failure is None
        if error and not rejected:
            self.retries.append((hint.message, self._delay(hint.message, error)))
        else:
            self.settled.append(hint.message)
        event = REJECT if rejected else RETRY if error else DONE
        measured = self.batch.measure(event, hint.message, attempt.outcomes, error)
        log(event, **attempt.facts(error), request_id=self.request_id, **measured)

    def _delay(self, message: Message, error: PipelineError) -> int:
        """Return the seconds until the next attempt: those that want for time come back one after the other."""
        if not isinstance(error, OutOfTime):
            return self.batch.backoff.delay(message)
        self.turns += 1
        return self.batch.backoff.turn(message, self.turns - 1)

    def _dead_letter(self, message: Message, error: PipelineError) -> PipelineError | None:
        """Send the message on; what is stored nowhere must not be acknowledged, so a failure is what it ends in."""
        return guarded(lambda: self.batch.dead_letters.send(message, error, self.request_id))


def _failure(failed: Sequence[str] | PipelineError) -> dict[str, Any]:
    if isinstance(failed, PipelineError):
        return {"reason": failed.reason, "detail": failed.detail}
    return {"message_ids": failed}
