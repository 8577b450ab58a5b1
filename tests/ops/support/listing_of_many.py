"""`python -m tests.ops.support.listing_of_many COUNT`: lists so many dead letters of an SQS that makes them up; prints its peak.

A process of its own, so that nothing but the listing is measured. Receipt handles are as long as SQS's.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from ops.dead_letters.listing import Lister
from ops.queues.sweep import Sweep
from tests.ops.support.fakes import BUCKET, attributes, queues
from worker.contracts.events import event_body
from worker.process.memory import peak_bytes

_HANDLE = "h" * 420
_BODY = event_body(BUCKET, "some/folder/picture-NUMBER.jpg") + " " * 700
_ATTRIBUTES = attributes("truncated", detail="The file ends before the picture does. " * 20, attempts="1")


class EndlessSqs:
    """Hands out `count` letters, each once, and forgets them."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.total = count
        self.given_back = 0

    def receive_message(self, **_: Any) -> dict[str, Any]:
        number = min(10, self.left)
        first = self.total - self.left
        self.left -= number
        return {"Messages": [self._message(first + each) for each in range(number)]}

    def _message(self, number: int) -> dict[str, Any]:
        return {
            "MessageId": f"{number:08x}-0000-4000-8000-000000000000",
            "ReceiptHandle": f"{number}{_HANDLE}",
            "Body": _BODY.replace("NUMBER", str(number)),
            "MessageAttributes": _ATTRIBUTES,
            "Attributes": {"SentTimestamp": "1790000000000", "ApproximateReceiveCount": "1"},
        }

    def change_message_visibility_batch(self, *, Entries: Any, **_: Any) -> dict[str, Any]:  # noqa: N803 - SQS's name
        self.given_back += len(Entries)
        return {}

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.left)}}


def main() -> None:
    """List, and print how many letters there were, how many were given back, and the peak in MB."""
    sqs = EndlessSqs(int(sys.argv[1]))
    lister = Lister(BUCKET, 1_209_600, datetime.now(UTC))
    seen: Counter[int] = Counter()
    with Sweep(queues(sqs)[0]) as sweep:
        for letter in sweep.letters():
            seen[len(lister.line(letter, None)) > 0] += 1
    sys.stdout.write(f"{seen[True]} {sqs.given_back} {peak_bytes() // 2**20}\n")


if __name__ == "__main__":
    main()
