"""Queues of the emulator lose nothing when several threads write to them: here in this process, where a moment can be chosen."""

from __future__ import annotations

import threading
from contextvars import copy_context

import pytest
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, s3, sns, sqs

from local.emulator.amended.queues import amend_queues

BLOCKED = 0.05
"""Seconds that a thread is waited for that must not go on."""


class Queue(dict):
    """A queue that is written to by another thread just before its list of messages is replaced."""

    def __init__(self, queue, write) -> None:
        super().__init__(queue)
        self.writer = threading.Thread(target=copy_context().run, args=(write,))

    def __setitem__(self, name, value) -> None:
        if name == "messages" and self.writer.ident is None:
            self.writer.start()
            self.writer.join(BLOCKED)
        super().__setitem__(name, value)


@pytest.fixture
def amended(monkeypatch):
    """Amend the queues for one test."""
    for name in ("_queues_lock", "_expire_retained", "_dlq_sweep", "_collect_msgs"):
        monkeypatch.setattr(sqs, name, getattr(sqs, name))
    monkeypatch.setattr(sqs, "_HANDLERS", dict(sqs._HANDLERS))
    monkeypatch.setattr(sqs, "queue_policy_allows", lambda *_: True)
    monkeypatch.setattr(s3, "_deliver_event_to_sqs", s3._deliver_event_to_sqs)
    monkeypatch.setattr(sns, "_deliver_to_sqs", sns._deliver_to_sqs)
    monkeypatch.setattr(eventbridge, "_dispatch_to_sqs", eventbridge._dispatch_to_sqs)
    amend_queues()


def arn_of(name: str) -> str:
    """Return the ARN of a queue."""
    return f"arn:aws:sqs:{get_region()}:{get_account_id()}:{name}"


ADDING = {
    "S3": lambda: s3._deliver_event_to_sqs(arn_of("busy"), {}, get_region()),
    "SNS": lambda: sns._deliver_to_sqs(arn_of("busy"), "{}", True, "{}"),
    "EventBridge": lambda: eventbridge._dispatch_to_sqs(eventbridge.parse_arn(arn_of("busy")), "{}"),
    "a request": lambda: sqs._HANDLERS["SendMessage"]({"QueueUrl": sqs._queue_url("busy"), "MessageBody": "b"}, ""),
}
REPLACING = {
    "a deletion": lambda url, handle: sqs._HANDLERS["DeleteMessage"]({"QueueUrl": url, "ReceiptHandle": handle}, ""),
    "a deletion of several": lambda url, handle: sqs._HANDLERS["DeleteMessageBatch"](
        {"QueueUrl": url, "Entries": [{"Id": "a", "ReceiptHandle": handle}]}, ""
    ),
    "the event source mapping's deletion": lambda url, handle: sqs._delete_messages_for_esm(url, {handle}),
    "its receive, which moves dead letters": lambda url, _: sqs._receive_messages_for_esm(url, 10),
}


@pytest.mark.parametrize("replace", REPLACING)
@pytest.mark.parametrize("add", ADDING)
def test_what_one_thread_adds_while_another_takes_out_is_kept(amended, add, replace):
    """Whoever adds and whoever takes out: a notification that is lost here is a picture that nobody ever handles."""
    policy = f'{{"deadLetterTargetArn": "{arn_of("dead")}", "maxReceiveCount": 100}}'
    for name, attributes in (("dead", {}), ("busy", {"RedrivePolicy": policy})):
        sqs._HANDLERS["CreateQueue"]({"QueueName": name, "Attributes": attributes}, "")
    url = sqs._queue_url("busy")
    try:
        sqs._HANDLERS["SendMessage"]({"QueueUrl": url, "MessageBody": "a"}, "")
        (message,) = sqs._receive_messages_for_esm(url, 1)
        queue = sqs._queues[url] = Queue(sqs._queues[url], ADDING[add])
        REPLACING[replace](url, message["receipt_handle"])
        queue.writer.join()
        assert len(queue["messages"]) == (1 if "deletion" in replace else 2)
    finally:
        for name in ("busy", "dead"):
            sqs._HANDLERS["DeleteQueue"]({"QueueUrl": sqs._queue_url(name)}, "")
