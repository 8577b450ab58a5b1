"""A batch of messages in, a report out: each message ends in exactly one of done, retry and reject.

The only module that catches everything: no picture suffers for its neighbour. The order of a batch sees to that, too:

    1  on their last attempt   apart, briefly, then each with an equal share of the time: who has others left can wait
    2  fresh                   here
    3  deleted                 whatever is settled by now
    4  received before         apart, briefly, so that none waits for one that hangs
    5  too slow in 4           apart, each with all the time that is left
    6  put off                 whatever has to be tried again

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from worker.clock import Clock
from worker.errors import OutOfTime, PipelineError, Retry, Unexpected
from worker.log import DONE, NOT_DELETED, NOT_POSTPONED, REJECT, RETRY, log
from worker.renderer import Trial
from worker.triage import Triage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.backoff import Backoff
    from worker.message import Message
    from worker.reconcile import Reconciled
    from worker.triage import Hint

    Outcome = Reconciled | PipelineError
    Measure = Callable[[str, Message, Sequence[Outcome], PipelineError | None], dict[str, Any]]

_T = TypeVar("_T")

BRIEFLY: Final = 0.1
"""Of the invocation, at most: the first try of a suspect."""
KEPT: Final = 0.6
"""Of the invocation, if there is as much: what all first tries together leave for those that need more."""
CONCLUSIVE: Final = 0.5
"""Of the invocation, at least: a picture that was given as much and is not finished is given up."""


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
        reconcile: Reconciles one key; raises `Reject` or `Retry`.
        dead_letters: Where rejects go, before their message is acknowledged.
        queue: Where the messages came from.
        backoff: How long a retry waits.
        max_receive_count: The attempt that is the last.
        measure: Returns the metrics for the log line of an outcome: event, message, outcomes of its keys, error.
    """

    bucket: str
    reconcile: Callable[[str, Trial], Reconciled]
    dead_letters: DeadLetterSink
    queue: Queue
    backoff: Backoff
    max_receive_count: int
    measure: Measure = _unmeasured

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


@dataclass(frozen=True)
class _Attempt:
    """A message with what became of each of its keys, and the seconds that took."""

    hint: Hint
    outcomes: Sequence[Outcome]
    seconds: float

    @property
    def error(self) -> PipelineError | None:
        """The error that speaks for all: while one key may still succeed, the message is not dead."""
        errors = [outcome for outcome in self.outcomes if isinstance(outcome, PipelineError)]
        return next((error for error in errors if isinstance(error, Retry)), errors[0] if errors else None)

    def facts(self, error: PipelineError | None) -> dict[str, Any]:
        """Return the fields of the log line; `error` is what the message ended in."""
        return {
            "keys": self.hint.keys,
            "versions": [each.version for each in self.outcomes],
            "results": [each.reason if isinstance(each, PipelineError) else each.result for each in self.outcomes],
            "reason": error and error.reason,
            "detail": error and error.detail,
            "message_id": self.hint.message.message_id,
            "attempt": self.hint.message.receive_count,
            "redrives": self.hint.message.redrives,
            "milliseconds": round(self.seconds * 1000),
        }


@dataclass
class _Run:
    """One invocation: what became of each key so far, and of each message."""

    batch: Batch
    request_id: str
    clock: Clock
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    settled: list[Message] = field(default_factory=list)
    turns: int = 0
    retries: list[tuple[Message, int]] = field(default_factory=list)

    def handle(self, hints: Sequence[Hint]) -> None:
        """Settle each message, rendering in this process."""
        for hint in hints:
            self._settle(self._attempt(hint, Trial(self.clock.left)))

    def share_time_among(self, hints: Sequence[Hint]) -> None:
        """Settle each message, with no less than an equal share of the time: SQS will not deliver it again."""
        for index, hint in enumerate(hints):
            self._settle(self._attempt(hint, self._apart(hint, self.clock.left / (len(hints) - index))))

    def try_briefly(self, hints: Sequence[Hint]) -> list[Hint]:
        """Settle each message that can be in its share of the time; return the others.

        All of the shares together leave enough for one of those others to be done, or given up.
        """
        kept = KEPT * min(self.clock.whole, self.clock.left)
        slow = []
        for index, hint in enumerate(hints):
            spare = max(0.0, self.clock.left - kept) / (len(hints) - index)
            attempt = self._attempt(hint, self._apart(hint, min(BRIEFLY * self.clock.whole, spare)))
            if any(isinstance(outcome, OutOfTime) for outcome in attempt.outcomes):
                slow.append(hint)
            else:
                self._settle(attempt)
        return slow

    def take_time_for(self, hints: Sequence[Hint]) -> None:
        """Settle each message, with all the time that those before it have left."""
        for hint in hints:
            self._settle(self._attempt(hint, self._apart(hint, self.clock.left)))

    def _apart(self, hint: Hint, seconds: float) -> Trial:
        """Return the terms on which each key of the message is tried, all of them within `seconds`."""
        share = seconds / max(1, len(hint.keys))
        return Trial(share, apart=True, conclusive=share >= CONCLUSIVE * self.clock.whole)

    def delete_settled(self) -> None:
        """Delete what is settled, so that it does not come back should a suspect end this process all the same."""
        failed = _guarded(lambda: self.batch.queue.delete(self.settled)) if self.settled else []
        if failed:
            log(NOT_DELETED, request_id=self.request_id, **_failure(failed))

    def postpone_retries(self) -> None:
        """Have every retry wait as long as it should, instead of the whole visibility timeout."""
        failed = _guarded(lambda: self.batch.queue.postpone(self.retries)) if self.retries else []
        if failed:
            log(NOT_POSTPONED, request_id=self.request_id, **_failure(failed))

    def _attempt(self, hint: Hint, trial: Trial) -> _Attempt:
        """Reconcile every key of the message, each whatever became of the others."""
        before = self.clock.remaining
        outcomes = [hint.malformed] if hint.malformed else [self._outcome(key, trial) for key in hint.keys]
        return _Attempt(hint, outcomes, before - self.clock.remaining)

    def _outcome(self, key: str, trial: Trial) -> Outcome:
        """Reconcile `key` once in a batch: every hint in it is older than that."""
        if key in self.outcomes:
            return self.outcomes[key]
        # A picture that is rendered apart is held to its time, whatever those before it have cost.
        if trial.seconds <= 0 or not (trial.apart or self.clock.allows_another()):
            return OutOfTime("Too little time was left; lower batchSize or raise workerTimeout if that happens often.")
        with self.clock.measured():
            outcome = _guarded(lambda: self.batch.reconcile(key, trial))
        if not isinstance(outcome, OutOfTime):
            self.outcomes[key] = outcome
        return outcome

    def _settle(self, attempt: _Attempt) -> None:
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
        return _guarded(lambda: self.batch.dead_letters.send(message, error, self.request_id))


def _guarded(call: Callable[[], _T]) -> _T | PipelineError:
    try:
        return call()
    except PipelineError as exc:
        return exc
    except Exception as exc:  # noqa: BLE001 - the promise of this module
        return Unexpected(f"{type(exc).__name__}: {exc}")


def _failure(failed: Sequence[str] | PipelineError) -> dict[str, Any]:
    if isinstance(failed, PipelineError):
        return {"reason": failed.reason, "detail": failed.detail}
    return {"message_ids": failed}
