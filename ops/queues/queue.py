"""A queue by its batch requests, ten messages each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.queues.batches import BATCH, failures_in
from ops.queues.letter import SYSTEM_ATTRIBUTES, Letter
from ops.stack.aws import code_of, translated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ops.queues.batches import Failure
    from ops.stack.aws import Clients

ALL: Final = "All"
_OVER_LIMIT: Final = {"OverLimit", "AWS.SimpleQueueService.OverLimit"}


@dataclass(frozen=True)
class Depth:
    """Messages in a queue, approximately: visible, hidden because a consumer received them, and delayed."""

    visible: int
    hidden: int
    delayed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.visible + self.hidden + self.delayed


class InFlightLimit(Exception):
    """SQS hides no more messages at once (120,000 of a standard queue)."""


@dataclass(frozen=True)
class Queue:
    """One queue of the stack; `label` is what sentences call it."""

    clients: Clients
    url: str
    label: str

    @property
    def name(self) -> str:
        """The last part of the URL."""
        return self.url.rpartition("/")[2]

    def receive(self, *, hide: int, wait: int) -> list[Letter]:
        """Return up to ten messages and hide them for `hide` seconds; wait up to `wait` seconds for the first.

        Raises:
            InFlightLimit: So many are hidden that SQS hides no more.
            Refusal: AWS did not do it.
        """
        with translated(f"receive from the {self.label}", self.clients.endpoint_url):
            try:
                answer = self.clients("sqs").receive_message(
                    QueueUrl=self.url,
                    MaxNumberOfMessages=BATCH,
                    VisibilityTimeout=hide,
                    WaitTimeSeconds=wait,
                    MessageAttributeNames=[ALL],
                    MessageSystemAttributeNames=list(SYSTEM_ATTRIBUTES),
                )
            except ClientError as exc:
                if code_of(exc) in _OVER_LIMIT:
                    raise InFlightLimit from exc
                raise
        return [Letter.from_message(message) for message in answer.get("Messages", [])]

    def send(self, entries: Sequence[Mapping[str, Any]]) -> dict[int, Failure]:
        """Send up to ten messages; return those not taken, by their place in `entries`.

        Raises:
            Unanswered: They may have been sent or not: nothing is sent a second time here.
            Refusal: AWS took none.
        """
        batch = [{**entry, "Id": str(place)} for place, entry in enumerate(entries)]
        with translated(f"send to the {self.label}", self.clients.endpoint_url):
            answer = self.clients.once("sqs").send_message_batch(QueueUrl=self.url, Entries=batch)
        return failures_in(answer)

    def delete(self, receipts: Sequence[str]) -> dict[int, Failure]:
        """Delete up to ten received messages; return those not deleted, by their place in `receipts`.

        Raises:
            Refusal: AWS deleted none, or did not answer.
        """
        batch = [{"Id": str(place), "ReceiptHandle": receipt} for place, receipt in enumerate(receipts)]
        with translated(f"remove from the {self.label}", self.clients.endpoint_url):
            answer = self.clients("sqs").delete_message_batch(QueueUrl=self.url, Entries=batch)
        return failures_in(answer)

    def release(self, receipts: Sequence[str]) -> None:
        """Make up to ten received messages visible again at once; one that no longer is ours already is.

        Raises:
            Refusal: AWS did not do it; they become visible by themselves in the end.
        """
        batch = [
            {"Id": str(place), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
            for place, receipt in enumerate(receipts)
        ]
        with translated(f"give messages back to the {self.label}", self.clients.endpoint_url):
            self.clients("sqs").change_message_visibility_batch(QueueUrl=self.url, Entries=batch)

    def depth(self) -> Depth:
        """Return how many messages there are; SQS is right within a minute.

        Raises:
            Refusal: AWS does not say.
        """
        attributes = self.attributes()
        names = (
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        )
        return Depth(*(int(attributes.get(name, 0)) for name in names))

    def retention(self) -> int:
        """Return the seconds that a message is kept, counted from when it was first sent."""
        return int(self.attributes()["MessageRetentionPeriod"])

    def visibility_timeout(self) -> int:
        """Return the seconds for which a message is hidden that a consumer received, unless that says otherwise."""
        return int(self.attributes()["VisibilityTimeout"])

    def attributes(self) -> dict[str, str]:
        """Return everything that SQS says of the queue.

        Raises:
            Refusal: AWS does not say.
        """
        with translated(f"look at the {self.label}", self.clients.endpoint_url):
            answer = self.clients("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=[ALL])
        return dict(answer["Attributes"])
