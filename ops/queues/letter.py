"""A dead letter: what SQS hands over of it, what the worker wrote on it, and its lossless form in a file. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ops.queues.batches import size_of
from ops.queues.undelivered import RULE, UNDELIVERED, explanation
from worker.contracts import names
from worker.contracts.attributes import MAX_BYTES, count_in, time_in
from worker.contracts.errors import MalformedEvent
from worker.contracts.events import etag_in, keys_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ATTRIBUTES: Final = 10
"""Of a message: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html"""
NO_REASON: Final = "none"
"""Stands for the missing reason of a letter that SQS moved by itself."""
_SENT: Final = "SentTimestamp"
_RECEIVES: Final = "ApproximateReceiveCount"
_TRACE: Final = "AWSTraceHeader"
SYSTEM_ATTRIBUTES: Final = (_SENT, _RECEIVES, _TRACE)
"""What to ask SQS for, besides all message attributes."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of the dead-letter queue.

    Attributes:
        id: Its MessageId, the same at every receive.
        body: What S3 sent, unchanged.
        attributes: Message attributes in SQS's form, `{"DataType": ..., "StringValue": ...}` by name.
        sent_at: When it was first sent, UTC; its retention counts from then.
        receives: How often it has been received from the dead-letter queue and the queue before, this time included.
        trace: X-Ray's header, which SQS keeps apart from the attributes.
        receipt: Handle of this receive; empty when it was not received.
    """

    id: str
    body: str
    attributes: Mapping[str, Mapping[str, Any]]
    sent_at: datetime
    receives: int = 0
    trace: str | None = None
    receipt: str = field(default="", compare=False, repr=False)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Letter:
        """Decode what ReceiveMessage answered, received with all attributes."""
        system = message["Attributes"]
        return cls(
            id=message["MessageId"],
            body=message["Body"],
            attributes={name: _kept(value) for name, value in message.get("MessageAttributes", {}).items()},
            sent_at=datetime.fromtimestamp(int(system[_SENT]) / 1000, UTC),
            receives=int(system.get(_RECEIVES, 0)),
            trace=system.get(_TRACE),
            receipt=message["ReceiptHandle"],
        )

    def text(self, name: str) -> str | None:
        """Return the attribute `name` as text, None where the letter has none."""
        return self.attributes.get(name, {}).get("StringValue")

    def number(self, name: str) -> int | None:
        """Return the attribute `name` as a number, None where the letter has none."""
        return count_in(self.text(name))

    @property
    def reason(self) -> str | None:
        """The code from `worker.contracts.errors`, or `undelivered`; None: the worker never got to reply."""
        return self.text(names.REASON) or (UNDELIVERED if self._is_undelivered else None)

    @property
    def detail(self) -> str | None:
        """What is wrong and what to do; None where nobody has written it on the letter."""
        return self.text(names.DETAIL) or (explanation(self.text) if self._is_undelivered else None)

    @property
    def _is_undelivered(self) -> bool:
        """Whether EventBridge left it. One that was sent back has been in the queue since, with all of its attributes."""
        return self.text(RULE) is not None and not self.redrives

    @property
    def redrives(self) -> int:
        """How often it has been sent back before."""
        return self.number(names.REDRIVES) or 0

    @property
    def failed_at(self) -> datetime:
        """When the worker gave it up, UTC; when it was first sent, if the worker never did."""
        return time_in(self.text(names.FAILED_AT)) or self.sent_at

    @property
    def original_id(self) -> str:
        """MessageId under which the worker's log knows it."""
        return self.text(names.ORIGINAL_MESSAGE_ID) or self.id

    @property
    def fingerprint(self) -> str:
        """Short hash of the body, which a redrive does not change."""
        return hashlib.sha256(self.body.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def keys(self, bucket: str) -> tuple[str, ...]:
        """Return the source keys that it is about; none if the body is not one that the worker takes."""
        try:
            return keys_of(self.body, bucket)
        except MalformedEvent:
            return ()

    def etag_of(self, key: str) -> str | None:
        """Return the ETag that `key` had when the event was sent, without quotes; only S3's own events carry it."""
        return etag_in(self.body, key)

    def redrive_entry(self) -> dict[str, Any]:
        """Return the entry of SendMessageBatch that sends it back: body and attributes as they are, `redrives` one up.

        All attributes travel, because the next letter's readers may want them; the worker reads `redrives` alone and
        carries it into the next letter.
        """
        count = {"DataType": "Number", "StringValue": str(self.redrives + 1)}
        return self._entry({**self.attributes, names.REDRIVES: count})

    def import_entry(self) -> dict[str, Any]:
        """Return the entry of SendMessageBatch that makes the same letter once more."""
        return self._entry(self.attributes)

    @property
    def has_room_for_count(self) -> bool:
        """Whether SQS takes one more redrive: there is room for the attribute that counts it, by number and by bytes."""
        entry = self.redrive_entry()
        return len(entry["MessageAttributes"]) <= MAX_ATTRIBUTES and size_of(entry) <= MAX_BYTES

    def _entry(self, attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        entry: dict[str, Any] = {"MessageBody": self.body}
        if attributes:
            entry["MessageAttributes"] = dict(attributes)
        if self.trace:
            entry["MessageSystemAttributes"] = {_TRACE: {"DataType": "String", "StringValue": self.trace}}
        return entry

    def to_json(self) -> dict[str, Any]:
        """Return the lossless form, one line of an export."""
        return {
            "id": self.id,
            "sent_at": self.sent_at.isoformat(),
            "receives": self.receives,
            "trace": self.trace,
            "attributes": {name: _to_json(value) for name, value in sorted(self.attributes.items())},
            "body": self.body,
        }

    @classmethod
    def from_json(cls, document: Any) -> Letter:
        """Read the lossless form.

        Raises:
            ValueError: It is something else.
        """
        try:
            return cls(
                id=str(document["id"]),
                body=document["body"] + "",
                attributes={name: _from_json(value) for name, value in document["attributes"].items()},
                sent_at=datetime.fromisoformat(document["sent_at"]),
                receives=int(document["receives"]),
                trace=document["trace"],
            )
        except (KeyError, TypeError, AttributeError) as exc:
            raise ValueError(f"not a dead letter of dlq export: {type(exc).__name__} {exc}") from exc


def _kept(value: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the empty lists that some emulators of SQS add: SQS refuses them in a request."""
    return {name: part for name, part in value.items() if name in {"DataType", "StringValue", "BinaryValue"}}


def _to_json(value: Mapping[str, Any]) -> dict[str, str]:
    if "BinaryValue" in value:
        return {"type": value["DataType"], "base64": base64.b64encode(value["BinaryValue"]).decode()}
    return {"type": value["DataType"], "value": value["StringValue"]}


def _from_json(value: Mapping[str, str]) -> dict[str, Any]:
    if "base64" in value:
        return {"DataType": value["type"] + "", "BinaryValue": base64.b64decode(value["base64"], validate=True)}
    return {"DataType": value["type"] + "", "StringValue": value["value"] + ""}
