"""Deletes or postpones deliveries before Lambda settles the batch.

Neither is needed for an outcome: Lambda deletes what the report does not name, and what is not deleted comes back by itself.
So a failure here costs time only. SQS answers a batch request with 200 and a list of what failed:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from worker.process.aws import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.queue.message import Message

BATCH: Final = 10
"""Entries that SQS takes in one request."""


@dataclass(frozen=True)
class Deliveries:
    """The queue that the messages came from. Needs sqs:DeleteMessage and sqs:ChangeMessageVisibility."""

    client: Any
    queue_url: str

    def delete(self, messages: Sequence[Message]) -> list[str]:
        """Delete `messages`; return the ids of those that SQS did not delete.

        Raises:
            Retry: SQS did not answer, or refused.
        """
        entries = [{"ReceiptHandle": message.receipt_handle} for message in messages]
        failed = self._in_batches("sqs:DeleteMessage", self.client.delete_message_batch, entries)
        return [messages[index].message_id for index in failed]

    def postpone(self, delays: Sequence[tuple[Message, int]]) -> list[str]:
        """Hide each message for its delay, in seconds from now; return the ids of those that SQS did not.

        Raises:
            Retry: SQS did not answer, or refused.
        """
        entries = [
            {"ReceiptHandle": message.receipt_handle, "VisibilityTimeout": seconds} for message, seconds in delays
        ]
        change = self.client.change_message_visibility_batch
        failed = self._in_batches("sqs:ChangeMessageVisibility", change, entries)
        return [delays[index][0].message_id for index in failed]

    def _in_batches(self, request: str, call: Callable[..., Any], entries: Sequence[dict[str, Any]]) -> list[int]:
        """Send the entries, as many at once as SQS takes; return the positions of those that failed."""
        numbered = [{"Id": str(index), **entry} for index, entry in enumerate(entries)]
        failed: list[int] = []
        for start in range(0, len(numbered), BATCH):
            with translated(request):
                answer = call(QueueUrl=self.queue_url, Entries=numbered[start : start + BATCH])
            failed += [int(failure["Id"]) for failure in answer.get("Failed", [])]
        return failed
