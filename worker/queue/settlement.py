"""Settles the messages of a batch: each ends in exactly one of done, retry and reject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from worker.contracts.errors import OutOfTime, PipelineError, Retry
from worker.contracts.names import DONE, NOT_DELETED, NOT_POSTPONED, REJECT, RETRY
from worker.process.guard import guarded
from worker.process.log import log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.queue.message import Message
    from worker.queue.reconciliations import Outcome
    from worker.queue.retry_delay import RetryDelay
    from worker.queue.triage import Hint

    Measure = Callable[[str, Message, Sequence[Outcome], PipelineError | None], dict[str, Any]]


@dataclass(frozen=True)
class Attempt:
    """A message with the outcome of each of its keys, and the seconds that took."""

    hint: Hint
    outcomes: Sequence[Outcome]
    seconds: float

    @property
    def error(self) -> PipelineError | None:
        """A Retry if any key may still succeed, else the first Reject; None if all keys succeeded."""
        errors = [outcome for outcome in self.outcomes if isinstance(outcome, PipelineError)]
        return next((error for error in errors if isinstance(error, Retry)), errors[0] if errors else None)

    def facts(self, error: PipelineError | None) -> dict[str, Any]:
        """Return the fields of the log line; `error` is the outcome of the message."""
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


class DeadLetterSink(Protocol):
    """Where rejects go."""

    def send(self, message: Message, error: PipelineError, request_id: str) -> None:
        """Store `message` with its reason, or raise `Retry`."""
        ...


class Queue(Protocol):
    """Where the messages came from; both methods return the ids of messages that it refused, or raise `Retry`."""

    def delete(self, messages: Sequence[Message]) -> list[str]:
        """Delete the messages."""
        ...

    def postpone(self, delays: Sequence[tuple[Message, int]]) -> list[str]:
        """Hide each message for its number of seconds."""
        ...


@dataclass
class Settlement:
    """The messages of one batch that are settled so far.

    Attributes:
        dead_letters: Where rejects go, before their message is acknowledged.
        queue: Where the messages came from.
        retry_delay: How long a retry waits.
        measure: Returns the metrics for the log line of an outcome: event, message, outcomes of its keys, error.
        request_id: Of the invocation.
        done: Messages that the queue may delete.
        retries: Messages to retry, each with its delay in seconds.
    """

    dead_letters: DeadLetterSink
    queue: Queue
    retry_delay: RetryDelay
    measure: Measure
    request_id: str
    done: list[Message] = field(default_factory=list)
    retries: list[tuple[Message, int]] = field(default_factory=list)
    _lacked_time: int = 0

    def settle(self, attempt: Attempt) -> None:
        """Acknowledge the message, retry it or send it to the dead letters; log which."""
        hint, error = attempt.hint, attempt.error
        rejected = error is not None and (not error.retryable or hint.last)
        if error and rejected:
            failure = self._dead_letter(hint.message, error)
            error, rejected = failure or error, failure is None
        delay = self._delay(hint.message, error) if error and not rejected else None
        if delay is None:
            self.done.append(hint.message)
        else:
            self.retries.append((hint.message, delay))
        event = REJECT if rejected else RETRY if error else DONE
        measured = self.measure(event, hint.message, attempt.outcomes, error)
        log(event, **attempt.facts(error), retry_in=delay, request_id=self.request_id, **measured)

    def delete_done(self) -> None:
        """Delete what is done, so that it does not come back if a suspect ends this process all the same."""
        failed = guarded(lambda: self.queue.delete(self.done)) if self.done else []
        if failed:
            log(NOT_DELETED, request_id=self.request_id, **_failure(failed))

    def postpone_retries(self) -> None:
        """Hide each retry for its own delay instead of the whole visibility timeout."""
        failed = guarded(lambda: self.queue.postpone(self.retries)) if self.retries else []
        if failed:
            log(NOT_POSTPONED, request_id=self.request_id, **_failure(failed))

    def _delay(self, message: Message, error: PipelineError) -> int:
        """Return the seconds until the next attempt; messages that lacked time come back one after the other."""
        if not isinstance(error, OutOfTime):
            return self.retry_delay.exponential(message)
        self._lacked_time += 1
        return self.retry_delay.staggered(message, self._lacked_time - 1)

    def _dead_letter(self, message: Message, error: PipelineError) -> PipelineError | None:
        """Store the dead letter; return why that failed: a message that is stored nowhere must not be acknowledged."""
        return guarded(lambda: self.dead_letters.send(message, error, self.request_id))


def _failure(failed: Sequence[str] | PipelineError) -> dict[str, Any]:
    if isinstance(failed, PipelineError):
        return {"reason": failed.reason, "detail": failed.detail}
    return {"message_ids": failed}
