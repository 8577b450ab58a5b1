"""Sends rejected messages to the dead-letter queue at once, with their reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from worker.contracts import names
from worker.contracts.attributes import MAX_BYTES, bytes_of
from worker.contracts.errors import MalformedEvent
from worker.process.aws import translated

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.contracts.errors import PipelineError
    from worker.queue.message import Message

MAX_DETAIL: Final = 1000
"""Characters."""
_LEAST_NEEDED: Final = (
    names.DETAIL,
    names.REQUEST_ID,
    names.ORIGINAL_MESSAGE_ID,
    names.FAILED_AT,
    names.ATTEMPTS,
    names.REDRIVES,
    names.REASON,
)
"""Attributes, in the order in which they make room for a body that is nearly as long as a message can be."""


@dataclass(frozen=True)
class DeadLetters:
    """The dead-letter queue, as the worker writes to it. Needs sqs:SendMessage."""

    client: Any
    queue_url: str
    now: Callable[[], datetime]

    def send(self, message: Message, error: PipelineError, request_id: str) -> None:
        """Send the body of `message`, unchanged, with the reason in `error`.

        Raises:
            Retry: SQS did not answer or refused; the message must then stay where it is.
        """
        texts = {
            names.REASON: error.reason,
            names.DETAIL: _storable(_detail(error, message)),
            names.FAILED_AT: self.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            names.ORIGINAL_MESSAGE_ID: message.message_id,
            names.REQUEST_ID: request_id or "none",
        }
        numbers = {
            names.ATTEMPTS: message.receive_count,
            **({names.REDRIVES: message.redrives} if message.redrives else {}),
        }
        attributes = {
            **{name: {"DataType": "String", "StringValue": value} for name, value in texts.items()},
            **{name: {"DataType": "Number", "StringValue": str(value)} for name, value in numbers.items()},
        }
        with translated("sqs:SendMessage to the dead-letter queue"):
            self.client.send_message(
                QueueUrl=self.queue_url,
                MessageBody=message.body,
                MessageAttributes=_fitting(message.body, attributes),
            )


def _detail(error: PipelineError, message: Message) -> str:
    """Return the error's; of a message that is nobody's event also who sent it, whom somebody has to find."""
    known = isinstance(error, MalformedEvent) and message.sender
    return f"{error.detail}{names.SENT_BY}{message.sender}." if known else error.detail


def _fitting(body: str, attributes: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return the attributes for which there is room beside `body`."""
    kept = dict(attributes)
    for name in _LEAST_NEEDED:
        if bytes_of(body, kept) <= MAX_BYTES:
            break
        kept.pop(name, None)
    return kept


def _storable(text: str) -> str:
    """SQS takes no control characters but tab and line ends, and no empty attribute."""
    return (
        "".join(c if c.isprintable() or c in "\t\n" else "\N{REPLACEMENT CHARACTER}" for c in text)[:MAX_DETAIL] or "-"
    )
