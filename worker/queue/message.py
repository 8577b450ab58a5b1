"""A queue message as Lambda hands it over, decoded once at the edge. Pure.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from worker.contracts.attributes import count_in
from worker.contracts.names import REDRIVES


@dataclass(frozen=True)
class Message:
    """One delivery of a message.

    Attributes:
        message_id: Of the message; a redriven message has a new one, so nothing is keyed on it.
        body: What S3 sent, unchanged.
        receive_count: How often it has been received, this time included.
        redrives: How often an operator has sent it back from the dead letters.
        receipt_handle: Of this delivery, to delete or postpone it.
        sent_at: When it was first sent; seconds since the epoch. Retention counts from here.
        sender: Id of the IAM user or role that sent it, as SQS knows it; nobody can choose it.
    """

    message_id: str
    body: str
    receive_count: int
    redrives: int = 0
    receipt_handle: str = ""
    sent_at: float = 0.0
    sender: str = ""

    @property
    def received_before(self) -> bool:
        """Whether a worker received it before and did not finish."""
        return self.receive_count > 1

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Message:
        """Decode one record of a Lambda SQS event. Its sender decides the body and the attributes, and nothing else."""
        attributes = record.get("messageAttributes") or {}
        return cls(
            message_id=record["messageId"],
            body=record["body"],
            receive_count=int(record["attributes"]["ApproximateReceiveCount"]),
            redrives=count_in((attributes.get(REDRIVES) or {}).get("stringValue")) or 0,
            receipt_handle=record["receiptHandle"],
            sent_at=int(record["attributes"]["SentTimestamp"]) / 1000,
            sender=record["attributes"].get("SenderId", ""),
        )
