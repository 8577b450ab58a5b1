"""A batch of messages in, a report out: each message ends in exactly one of done, retry and reject.

The only module that catches everything: no picture suffers for its neighbour.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from worker.errors import PipelineError, Reject, Retry, Unexpected
from worker.events import keys_of
from worker.log import DONE, REJECT, RETRY, log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.message import Message
    from worker.reconcile import Reconciled


class DeadLetterSink(Protocol):
    """Where rejects go."""

    def send(self, message: Message, error: PipelineError, request_id: str) -> None:
        """Store `message` with its reason, or raise `Retry`."""
        ...


@dataclass(frozen=True)
class Batch:
    """Handles the messages of one queue.

    Attributes:
        bucket: Name of the source bucket.
        reconcile: Reconciles one key; raises `Reject` or `Retry`.
        dead_letters: Where rejects go, before their message is acknowledged.
    """

    bucket: str
    reconcile: Callable[[str], Reconciled]
    dead_letters: DeadLetterSink

    def __call__(self, messages: Sequence[Message], request_id: str) -> dict[str, Any]:
        """Handle `messages` and return Lambda's partial batch response: those to retry, maybe all of them."""
        failed = [message.message_id for message in messages if not self._settle(message, request_id)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    def _settle(self, message: Message, request_id: str) -> bool:
        """Return whether the message is settled, done or rejected; False leaves it in the queue."""
        began = time.monotonic()
        keys, results, error = self._attempt(message)
        if isinstance(error, Reject):
            error = self._dead_letter(message, error, request_id)
        log(
            _event(error),
            keys=keys,
            results=results,
            reason=error and error.reason,
            detail=error and error.detail,
            message_id=message.message_id,
            attempt=message.receive_count,
            redrives=message.redrives,
            milliseconds=round((time.monotonic() - began) * 1000),
            request_id=request_id,
        )
        return not isinstance(error, Retry)

    def _attempt(self, message: Message) -> tuple[tuple[str, ...], list[str], PipelineError | None]:
        """Reconcile every key of the message, each whatever became of the others; the gravest error speaks for all."""
        try:
            keys = keys_of(message.body, self.bucket)
        except Reject as exc:
            return (), [], exc
        outcomes = [self._reconcile(key) for key in keys]
        errors = [outcome for outcome in outcomes if isinstance(outcome, PipelineError)]
        gravest = next((error for error in errors if isinstance(error, Retry)), errors[0] if errors else None)
        return keys, [o.reason if isinstance(o, PipelineError) else o.result for o in outcomes], gravest

    def _reconcile(self, key: str) -> Reconciled | PipelineError:
        try:
            return self.reconcile(key)
        except PipelineError as exc:
            return exc
        except Exception as exc:  # noqa: BLE001 - the promise of this module
            return Unexpected(f"{type(exc).__name__}: {exc}")

    def _dead_letter(self, message: Message, error: Reject, request_id: str) -> PipelineError:
        """Send the reject on; what cannot be sent is not acknowledged either, so it is a retry."""
        try:
            self.dead_letters.send(message, error, request_id)
        except PipelineError as exc:
            return exc
        except Exception as exc:  # noqa: BLE001 - the promise of this module
            return Unexpected(f"{type(exc).__name__}: {exc}")
        return error


def _event(error: PipelineError | None) -> str:
    if error is None:
        return DONE
    return RETRY if error.retryable else REJECT
