"""`python -m bench.redrive`: our redrive against the plain loop that is usually written, on the embedded AWS, in one run.

The loop receives a message, sends it and deletes it, one at a time: nothing is kept of what it did, so a kill doubles,
and an attribute that it does not name is lost. Ours plans, journals with fsync, and gives back what it does not take.
Between them stands the ceiling: batches of ten, eight at once, by a loop that neither plans nor keeps anything. All
move the same letters between two queues, which nobody else works on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from local.cloud import Cloud
from local.emulator.process import running_emulator
from ops.queues.batches import BATCH
from ops.queues.queue import Queue
from ops.queues.sweep import Sweep
from ops.redrive.journal import Journal
from ops.redrive.plan import Bounds, plan_of
from ops.redrive.send import THREADS, Redrive
from ops.redrive.send_in_stages import send_in_stages
from ops.stack.aws import Clients
from worker.contracts.events import event_body

if TYPE_CHECKING:
    from collections.abc import Callable

REGION: Final = "eu-central-1"
LETTERS: Final = 10_000
ALLOWED: Final = 5
"""Ours takes at most the plain loop's seconds divided by this."""
AWS_RATE: Final = 500
"""Messages a second that AWS's own redrive moves at most (StartMessageMoveTask)."""
_BUCKET: Final = "pictures"
_ATTRIBUTES: Final = {
    "reason": "throttled",
    "detail": "sns:Publish to the completion topic: Rate exceeded",
    "failed-at": "2026-01-01T00:00:00Z",
    "original-message-id": "4088f23a-a000-47c3-ae6a-e3b8de071019",
    "request-id": "9bba7f83-d803-4263-876c-263fd9ccdf37",
    "attempts": "5",
}


def main(argv: list[str] | None = None) -> int:
    """Time both and print them; exit status 1 if ours is not `ALLOWED` times as fast."""
    parser = argparse.ArgumentParser(prog="python -m bench.redrive", description=__doc__.partition("\n")[0])
    parser.add_argument("--letters", type=int, default=LETTERS, metavar="N", help=f"default {LETTERS:,}")
    letters = parser.parse_args(argv).letters
    with tempfile.TemporaryDirectory() as directory:
        plain, ceiling, ours = compare(letters, Path(directory))
    sys.stdout.write(
        f"{letters:,} dead letters, moved on the embedded AWS\n"
        f"  one at a time   {plain:8.1f} s  {letters / plain:8,.0f} messages/s\n"
        f"  bare batches    {ceiling:8.1f} s  {letters / ceiling:8,.0f} messages/s   (what the emulator can serve)\n"
        f"  ops redrive     {ours:8.1f} s  {letters / ours:8,.0f} messages/s   (AWS's own: {AWS_RATE} at most)\n"
        f"  ops redrive takes 1/{plain / ours:.1f} of the time; allowed is 1/{ALLOWED}\n"
    )
    return int(plain / ours < ALLOWED)


def compare(letters: int, directory: Path) -> tuple[float, float, float]:
    """Return the seconds of the plain loop, of bare batches and of ours, each on queues of its own."""
    with running_emulator(directory / "emulator", region=REGION) as emulator:
        cloud = Cloud(emulator.endpoint_url, REGION)
        clients = Clients(REGION, emulator.endpoint_url)
        with closing(cloud), closing(clients):
            plain = _timed(_plain, cloud, "plain", letters, directory, clients)
            ceiling = _timed(_batches, cloud, "batches", letters, directory, clients)
            ours = _timed(_ours, cloud, "ours", letters, directory, clients)
    return plain, ceiling, ours


def _timed(
    move: Callable[..., None], cloud: Cloud, name: str, letters: int, directory: Path, clients: Clients
) -> float:
    sqs = cloud.client("sqs")
    source, target = (sqs.create_queue(QueueName=f"{name}-{end}")["QueueUrl"] for end in ("dead-letters", "queue"))
    _fill(sqs, source, letters)
    began = time.monotonic()
    move(clients, source, target, directory)
    seconds = time.monotonic() - began
    _check(sqs, source, 0)
    _check(sqs, target, letters)
    for url in (source, target):
        sqs.delete_queue(QueueUrl=url)
    return seconds


def _plain(clients: Clients, source: str, target: str, _directory: Path) -> None:
    sqs = clients("sqs")
    while True:
        answer = sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=1, MessageAttributeNames=["All"])
        if not answer.get("Messages"):
            return
        (message,) = answer["Messages"]
        sqs.send_message(
            QueueUrl=target, MessageBody=message["Body"], MessageAttributes=message.get("MessageAttributes", {})
        )
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])


def _batches(clients: Clients, source: str, target: str, _directory: Path) -> None:
    """Move ten a request, eight at once, until a receive brings nothing."""
    sqs = clients("sqs")

    def move() -> None:
        receive = {"QueueUrl": source, "MaxNumberOfMessages": BATCH, "MessageAttributeNames": ["All"]}
        while messages := sqs.receive_message(**receive).get("Messages"):
            copies = [
                {"Id": str(n), "MessageBody": each["Body"], "MessageAttributes": each["MessageAttributes"]}
                for n, each in enumerate(messages)
            ]
            gone = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(messages)]
            assert not sqs.send_message_batch(QueueUrl=target, Entries=copies).get("Failed")
            assert not sqs.delete_message_batch(QueueUrl=source, Entries=gone).get("Failed")

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(move) for _ in range(THREADS)]:
            future.result()


def _ours(clients: Clients, source: str, target: str, directory: Path) -> None:
    """Do what `redrive --yes --no-follow` does, planning included."""
    bounds = Bounds(limit=None, max_redrives=3, canary=0, rate=None)
    with Sweep(Queue(clients, source, "dead-letter queue"), keep=True) as sweep:
        plan = plan_of(sweep.letters(), sweep.ids, _BUCKET, bounds)
        head = {"dead_letter_queue_url": source, "queue_url": target}
        with closing(Journal.start(directory / "redrive.jsonl", head, plan.chosen)) as journal:
            redrive = Redrive(sweep, Queue(clients, target, "queue"), journal)
            report = send_in_stages(redrive, None, plan.canary, plan.rest)
    assert not report.needs_attention, report


def _fill(sqs: Any, url: str, letters: int) -> None:
    attributes = {
        name: {"DataType": "Number" if value.isdigit() else "String", "StringValue": value}
        for name, value in _ATTRIBUTES.items()
    }
    for first in range(0, letters, 10):
        numbers = range(first, min(first + 10, letters))
        bodies = {number: event_body(_BUCKET, f"{number}.jpg") for number in numbers}
        entries = [
            {"Id": str(number), "MessageBody": body, "MessageAttributes": attributes} for number, body in bodies.items()
        ]
        answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        assert not answer.get("Failed"), answer["Failed"]


def _check(sqs: Any, url: str, expected: int) -> None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    assert sum(int(attributes[name]) for name in names) == expected, (url, attributes)


if __name__ == "__main__":
    sys.exit(main())
