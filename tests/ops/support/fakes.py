"""An SQS in memory with honest semantics, and a death that can be had at any of its requests."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.queues.queue import Queue
from worker.contracts.events import event_body

if TYPE_CHECKING:
    from ops.queues.letter import Letter

BUCKET = "pictures"
DEAD_LETTERS = "https://sqs.eu-central-1.amazonaws.com/1/dead-letters"
QUEUE = "https://sqs.eu-central-1.amazonaws.com/1/queue"
EPOCH = 1_790_000_000.0


class Killed(BaseException):
    """The process has ended: nothing after this happens."""


@dataclass
class Death:
    """Kills at the step number `at`, before or after it; a dead process does nothing any more.

    Attributes:
        steps: What was done, in order; the last is the one that was killed.
    """

    at: int = -1
    when: str = "before"
    steps: list[str] = field(default_factory=list)
    is_dead: bool = False

    def before(self, step: str) -> None:
        if self.is_dead:
            raise Killed
        self.steps.append(step)
        if len(self.steps) - 1 == self.at and self.when == "before":
            self.die()

    def after(self) -> None:
        if len(self.steps) - 1 == self.at and self.when == "after":
            self.die()

    def die(self) -> None:
        self.is_dead = True
        raise Killed


@dataclass
class Stored:
    id: str
    body: str
    attributes: dict[str, Any]
    system: dict[str, Any]
    sent_at: float
    visible_at: float = 0.0
    receives: int = 0
    receipt: str = ""


@dataclass
class MemorySqs:
    """The requests that `ops.queues.queue` makes, on queues that exist by being named. Its clock stands until it is moved.

    Attributes:
        refuse: Given an action and an entry, returns the failure that a batch answers with for it, or None.
        raising: Errors to raise instead of answering, by action, the first first.
    """

    queues: dict[str, dict[str, Stored]] = field(default_factory=dict)
    clock: float = EPOCH
    death: Death = field(default_factory=Death)
    requests: list[str] = field(default_factory=list)
    refuse: Any = lambda _action, _entry: None
    raising: dict[str, list[Exception]] = field(default_factory=dict)
    _ids: Any = field(default_factory=itertools.count)
    _lock: Any = field(default_factory=threading.RLock)

    def receive_message(self, *, QueueUrl, MaxNumberOfMessages, VisibilityTimeout, **_: Any):  # noqa: N803 - SQS's names
        with self._lock, _Step(self, "receive"):
            visible = (m for m in self.queues.get(QueueUrl, {}).values() if m.visible_at <= self.clock)
            answer = []
            for message in itertools.islice(visible, MaxNumberOfMessages):
                message.visible_at = self.clock + VisibilityTimeout
                message.receives += 1
                message.receipt = f"{message.id} {next(self._ids)}"
                answer.append(_as_answered(message))
            return {"Messages": answer} if answer else {}

    def send_message_batch(self, *, QueueUrl, Entries):  # noqa: N803 - same
        with self._lock, _Step(self, "send"):
            return self._batch("send", Entries, lambda entry: self.put(QueueUrl, entry))

    def delete_message_batch(self, *, QueueUrl, Entries):  # noqa: N803 - same
        def delete(entry: dict[str, Any]) -> None:
            message = self._by_receipt(QueueUrl, entry)
            if message:
                del self.queues[QueueUrl][message.id]

        with self._lock, _Step(self, "delete"):
            return self._batch("delete", Entries, delete)

    def change_message_visibility_batch(self, *, QueueUrl, Entries):  # noqa: N803 - same
        def change(entry: dict[str, Any]) -> None:
            message = self._by_receipt(QueueUrl, entry)
            if message:
                message.visible_at = self.clock + entry["VisibilityTimeout"]

        with self._lock, _Step(self, "give back"):
            return self._batch("give back", Entries, change)

    def get_queue_attributes(self, *, QueueUrl, **_: Any):  # noqa: N803 - same
        with self._lock, _Step(self, "depth"):
            messages = self.messages(QueueUrl)
            visible = sum(message.visible_at <= self.clock for message in messages)
            return {
                "Attributes": {
                    "ApproximateNumberOfMessages": str(visible),
                    "ApproximateNumberOfMessagesNotVisible": str(len(messages) - visible),
                    "ApproximateNumberOfMessagesDelayed": "0",
                    "MessageRetentionPeriod": "1209600",
                }
            }

    def put(self, url: str, entry: dict[str, Any]) -> None:
        """Store one message."""
        id_ = f"{next(self._ids):08x}-0000-4000-8000-000000000000"
        self.queues.setdefault(url, {})[id_] = Stored(
            id_,
            entry["MessageBody"],
            dict(entry.get("MessageAttributes", {})),
            dict(entry.get("MessageSystemAttributes", {})),
            self.clock,
        )

    def messages(self, url: str) -> list[Stored]:
        """Return what is in a queue, hidden or not."""
        return list(self.queues.get(url, {}).values())

    def bodies(self, url: str) -> list[str]:
        """Return the bodies of what is in a queue, hidden or not."""
        return [message.body for message in self.messages(url)]

    def hidden(self, url: str) -> int:
        """Return how many messages of a queue are hidden now."""
        return sum(message.visible_at > self.clock for message in self.messages(url))

    def _by_receipt(self, url: str, entry: dict[str, Any]) -> Stored | None:
        """Only the handle of the latest receive counts."""
        receipt = entry["ReceiptHandle"]
        message = self.queues[url].get(receipt.partition(" ")[0])
        return message if message and message.receipt == receipt else None

    def _batch(self, action: str, entries: list[dict[str, Any]], act: Any) -> dict[str, Any]:
        assert 1 <= len(entries) <= 10
        assert len({entry["Id"] for entry in entries}) == len(entries)
        successful, failed = [], []
        for entry in entries:
            failure = self.refuse(action, entry)
            if failure:
                failed.append({"Id": entry["Id"], **failure})
            else:
                act(entry)
                successful.append({"Id": entry["Id"]})
        return {"Successful": successful, **({"Failed": failed} if failed else {})}


@dataclass
class _Step:
    sqs: MemorySqs
    name: str

    def __enter__(self) -> None:
        self.sqs.death.before(self.name)
        self.sqs.requests.append(self.name)
        errors = self.sqs.raising.get(self.name)
        if errors:
            raise errors.pop(0)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.sqs.death.after()


def _as_answered(message: Stored) -> dict[str, Any]:
    trace = message.system.get("AWSTraceHeader")
    return {
        "MessageId": message.id,
        "Body": message.body,
        "ReceiptHandle": message.receipt,
        "MessageAttributes": dict(message.attributes),
        "Attributes": {
            "SentTimestamp": str(int(message.sent_at * 1000)),
            "ApproximateReceiveCount": str(message.receives),
            **({"AWSTraceHeader": trace["StringValue"]} if trace else {}),
        },
    }


@dataclass
class MemoryClients:
    """Stands in for `ops.stack.aws.Clients`."""

    sqs: Any
    endpoint_url: str | None = None

    def __call__(self, service: str) -> Any:
        assert service == "sqs"
        return self.sqs

    def once(self, service: str) -> Any:
        return self(service)


def queues(sqs: Any) -> tuple[Queue, Queue]:
    """Return the dead-letter queue and the queue."""
    clients: Any = MemoryClients(sqs)
    return Queue(clients, DEAD_LETTERS, "dead-letter queue"), Queue(clients, QUEUE, "queue")


def attributes(reason: str | None = "throttled", **others: str) -> dict[str, Any]:
    """Return a dead letter's attributes as the worker writes them."""
    texts = {
        **({"reason": reason} if reason else {}),
        **{name.replace("_", "-"): text for name, text in others.items()},
    }
    numbers = {"attempts", "redrives"}
    return {
        name: {"DataType": "Number" if name in numbers else "String", "StringValue": text}
        for name, text in texts.items()
    }


def entry(key: str, reason: str | None = "throttled", **others: str) -> dict[str, Any]:
    """Return what makes a dead letter about `key`."""
    return {"MessageBody": event_body(BUCKET, key), "MessageAttributes": attributes(reason, **others)}


def fill(sqs: MemorySqs, count: int) -> list[str]:
    """Put `count` dead letters about keys of their own into the dead-letter queue; return their bodies."""
    for number in range(count):
        sqs.put(DEAD_LETTERS, entry(f"{number}.jpg"))
    return sqs.bodies(DEAD_LETTERS)


def letter(key: str = "a.jpg", reason: str | None = "throttled", **others: str) -> Letter:
    """Return a dead letter as it is received."""
    sqs = MemorySqs()
    sqs.put(DEAD_LETTERS, entry(key, reason, **others))
    (received,) = queues(sqs)[0].receive(hide=1, wait=0)
    return received
