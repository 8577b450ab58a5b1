"""`python -m bench.backfill`: the memory that a backfill takes, which must not depend on how many pictures there are.

An S3 that makes its listing up and an SQS that forgets stand in for AWS, so that nothing but the backfill is measured;
each size in a process of its own. The peak is the kernel's figure for the whole process (VmHWM), so Linux only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ops.dead_letters.verdict import Judge
from ops.pictures.backfill.backfill import Backfill, Seen, Selection
from ops.pictures.backfill.canary import Canary
from ops.pictures.backfill.journal import BackfillJournal
from ops.pictures.backfill.plan import BackfillPlan
from ops.queues.queue import Queue
from ops.queues.rate import RateLimit
from ops.stack.buckets import Pictures
from ops.stack.deployment import Deployment
from ops.stack.outputs import BackfillLimits
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS
from worker.process.memory import peak_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES: Final = 1_000_000
ALLOWED: Final = 5
"""MB more than a tenth of the pictures take."""
_PAGE: Final = 1000
"""Keys that S3 lists at once."""
_NOW: Final = datetime.now(UTC)


class MadeUp:
    """An AWS that lists `count` pictures and takes whatever it is sent."""

    endpoint_url = None

    def __init__(self, count: int) -> None:
        self._count = count

    def __call__(self, _service: str) -> MadeUp:
        """Be the client of every service."""
        return self

    once = get_paginator = __call__

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        """List the pictures, page by page."""
        for first in range(0, self._count, _PAGE):
            numbers = range(first, min(first + _PAGE, self._count))
            yield {
                "Contents": [
                    {
                        "Key": f"folder/picture-{number:09}.jpg",
                        "ETag": f'"{number:032x}"',
                        "Size": 1,
                        "LastModified": _NOW,
                    }
                    for number in numbers
                ]
            }

    def send_message_batch(self, **_: Any) -> dict[str, Any]:
        """Take a batch."""
        return {}


def main(argv: list[str] | None = None) -> int:
    """Print the peaks; exit status 1 if the large one is more than `ALLOWED` above the small one."""
    parser = argparse.ArgumentParser(prog="python -m bench.backfill", description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=PICTURES, metavar="N", help=f"default {PICTURES:,}")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.one:
        sys.stdout.write(f"{_backfill(arguments.pictures)}\n")
        return 0
    small, large = (_measured(count) for count in (arguments.pictures // 10, arguments.pictures))
    sys.stdout.write(f"allowed is {ALLOWED} MB more for ten times as many\n")
    return int(large > small + ALLOWED)


def _measured(count: int) -> int:
    command = [sys.executable, "-m", "bench.backfill", "--pictures", str(count), "--one"]
    began = time.monotonic()
    peak = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    sys.stdout.write(f"{count:>9,} pictures  {peak:4} MB at most  {time.monotonic() - began:6.1f} s\n")
    sys.stdout.flush()
    return peak


def _backfill(count: int) -> int:
    """Plan and enqueue `count` made-up pictures, with a journal; return this process's peak in MB."""
    aws: Any = MadeUp(count)
    pictures = Pictures(aws, "pictures", "renditions")
    deployment = Deployment(one_recipe(DEFAULT_RENDITIONS), 512, 90, _NOW, "log")
    selection, seen = Selection(Judge(pictures, deployment), "", outdated=False), Seen()
    first = Canary(deployment.recipes, 5)
    for listed, _ in selection.chosen(seen):
        first.offer(listed)
    plan = BackfillPlan(seen, (), False, deployment, BackfillLimits(2, 10, 345_600)).to_json()
    with (
        tempfile.TemporaryDirectory() as directory,
        closing(BackfillJournal.start(Path(directory), "1", {"source_bucket": "pictures"})) as journal,
    ):
        queue = Queue(aws, "https://sqs/1/backfill", "backfill queue")
        sender = Backfill("pictures", queue, RateLimit(None), journal.sent)
        enqueued = sender.run(journal.noting(selection.keys(Seen())))
    assert (enqueued.sent, plan["chosen"], plan["bytes"]) == (count, count, count), (enqueued, plan)
    return peak_bytes() // 2**20


if __name__ == "__main__":
    sys.exit(main())
