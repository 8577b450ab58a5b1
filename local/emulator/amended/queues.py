"""What keeps the emulator's standard queues fast when they are long, and whole: a request costs what it touches, not the queue.

- A receive looks at messages until it has enough, and for expired ones once a second: the emulator looks at every
  message of the queue four times a receive.
- A deletion looks for all of its messages in one pass, and no further than the last: the emulator makes the whole queue
  anew for every deleted message, which takes longer than all else from a few thousand messages on.
- Gauges are counted in the emulator's process: its own list of messages, as JSON, costs more the longer the queue is.
- One thread at a time writes: requests, the event source mapping and the events of S3 have threads of their own, and what one
  of them adds to a list that another is about to replace would be lost.

What comes in an odd case, such as a receipt handle that is not valid, is left to the emulator's own functions.
"""

from __future__ import annotations

import json
import threading
import time
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

_WRITERS: Final = ("SendMessage", "SendMessageBatch", "DeleteMessage", "DeleteMessageBatch", "PurgeQueue")
GAUGES: Final = "/_local/sqs/gauges"
"""The path at which the emulator tells the gauges of all queues by their names, without receiving from them."""


def amend_queues() -> None:
    """Replace the functions, before the first request."""
    _receive_from_the_front()
    _delete_in_one_pass()
    _write_one_at_a_time()
    _tell_gauges()


def gauges(messages: Sequence[Mapping[str, Any]], now: float) -> dict[str, float]:
    """Return the three gauges of one queue that holds `messages`, as the emulator keeps them, at `now` (seconds since the epoch)."""
    hidden = [message for message in messages if message.get("visible_at", 0) > now]
    oldest = min((message.get("sent_at", 0) for message in messages), default=now)
    return {
        "ApproximateNumberOfMessagesVisible": len(messages) - len(hidden),
        "ApproximateNumberOfMessagesNotVisible": sum(1 for message in hidden if message.get("receive_count")),
        "ApproximateAgeOfOldestMessage": max(0.0, now - oldest),
    }


def _tell_gauges() -> None:
    from ministack import app
    from ministack.services import sqs

    list_messages = app._handle_sqs_messages_request

    async def told(method: str, path: str, *rest: Any) -> Any:
        if path != GAUGES:
            return await list_messages(method, path, *rest)
        now = time.time()
        found = {queue["name"]: gauges(queue["messages"], now) for queue in sqs._queues.to_dict().values()}
        return 200, {"Content-Type": "application/json"}, json.dumps(found).encode()

    app._handle_sqs_messages_request = told


def _receive_from_the_front() -> None:
    from ministack.services import sqs

    collect, expire = sqs._collect_msgs, sqs._expire_retained

    def collect_the_first(queue: Any, most: int, hide: int) -> Any:
        if queue["is_fifo"]:
            return collect(queue, most, hide)
        now = time.time()
        visible = (message for message in queue["messages"] if message.get("visible_at", 0) <= now)
        return collect({**queue, "messages": list(islice(visible, most))}, most, hide)

    def expire_once_a_second(queue: Any) -> None:
        now = time.monotonic()
        if now - queue.get("looked_for_expired_at", 0) >= 1:
            queue["looked_for_expired_at"] = now
            expire(queue)

    sqs._collect_msgs, sqs._expire_retained = collect_the_first, expire_once_a_second


def _delete_in_one_pass() -> None:
    from ministack.services import sqs

    delete, delete_batch = sqs._HANDLERS["DeleteMessage"], sqs._HANDLERS["DeleteMessageBatch"]

    def delete_one(data: Any, url: str) -> Any:
        queue = sqs._get_q(data.get("QueueUrl", url), "sqs:DeleteMessage")
        found = take_out(queue, [data.get("ReceiptHandle")])
        return {} if found else delete(data, url)

    def delete_several(data: Any, url: str) -> Any:
        queue, entries = sqs._get_q(data.get("QueueUrl", url), "sqs:DeleteMessage"), data.get("Entries", [])
        sqs._validate_batch_entries(entries, "DeleteMessageBatchRequestEntry")
        found = take_out(queue, [entry.get("ReceiptHandle") for entry in entries])
        successful = [{"Id": entry["Id"]} for entry in entries if entry.get("ReceiptHandle") in found]
        left = [entry for entry in entries if entry.get("ReceiptHandle") not in found]
        failed = delete_batch({**data, "Entries": left}, url)["Failed"] if left else []
        return {"Successful": successful, "Failed": failed}

    sqs._HANDLERS.update({"DeleteMessage": delete_one, "DeleteMessageBatch": delete_several})


def _write_one_at_a_time() -> None:
    from ministack.services import eventbridge, s3, sns, sqs

    lock = (
        threading.RLock()
    )  # The emulator's own, which only the event source mapping takes, would not let a sweep in it take it again.

    def alone(write: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(write)
        def writing(*arguments: Any, **named: Any) -> Any:
            with lock:
                return write(*arguments, **named)

        return writing

    sqs._queues_lock = lock
    sqs._expire_retained, sqs._dlq_sweep = alone(sqs._expire_retained), alone(sqs._dlq_sweep)
    sqs._collect_msgs = alone(sqs._collect_msgs)
    sqs._HANDLERS.update({name: alone(sqs._HANDLERS[name]) for name in _WRITERS})
    s3._deliver_event_to_sqs, sns._deliver_to_sqs = alone(s3._deliver_event_to_sqs), alone(sns._deliver_to_sqs)
    eventbridge._dispatch_to_sqs = alone(eventbridge._dispatch_to_sqs)


def take_out(queue: Any, receipts: Collection[str | None]) -> set[str]:
    """Take the messages with these receipt handles out of `queue`; return the handles that were found.

    The list is replaced, never changed: the event source mapping's thread may be walking through it.
    """
    messages, wanted = queue["messages"], set(filter(None, receipts))
    matching = (place for place, message in enumerate(messages) if message.get("receipt_handle") in wanted)
    places = list(islice(matching, len(wanted)))
    kept = messages.copy()
    for place in reversed(places):
        del kept[place]
    queue["messages"] = kept
    return {messages[place]["receipt_handle"] for place in places}
