"""Waits until the pipeline is as far as a run needs it: few messages left, or none, and every batch in the metrics."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from local.errors import LocalError
from worker.contracts import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.stack import LocalStack

PATIENCE: Final = 180.0
"""Seconds in which the number of waiting messages must change: else nothing moves any more."""
_POLL: Final = 0.2
_DEPTHS: Final = tuple(f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed"))


class RunError(LocalError):
    """The pipeline makes no progress; the message says what was seen last."""


def wait(
    stack: LocalStack, enough: Callable[[int], bool], progress: Callable[[int], None], patience: float = PATIENCE
) -> None:
    """Wait until `enough` says so of the number of messages, hidden and delayed ones included.

    Raises:
        RunError: The number has not changed for `patience` seconds.
    """
    seen, since = -1, time.monotonic()
    while not enough(waiting := _waiting(stack)):
        stack.assert_alive()
        progress(waiting)
        if waiting != seen:
            seen, since = waiting, time.monotonic()
        if time.monotonic() - since > patience:
            last = stack.worker_log_lines()[-1:]
            raise RunError(
                f"{waiting} messages wait, and nothing has moved for {patience:.0f} s; the last line: {last}"
            )
        time.sleep(_POLL)
    progress(waiting)


def wait_for_metrics(stack: LocalStack, batches: int) -> None:
    """Wait until CloudWatch has the metrics of this number of batches: it reads them from the log, and a batch's line is its last.

    Raises:
        RunError: It has not within `PATIENCE`.
    """
    deadline = time.monotonic() + PATIENCE
    while _measured(stack) < batches:
        stack.assert_alive()
        if time.monotonic() > deadline:
            raise RunError(f"CloudWatch has {_measured(stack)} of {batches} batches after {PATIENCE:.0f} s")
        time.sleep(_POLL)


def _measured(stack: LocalStack) -> int:
    """Return how many batches CloudWatch has metrics of."""
    points = stack.client("cloudwatch").get_metric_statistics(
        Namespace=metrics.NAMESPACE,
        MetricName=metrics.BATCH_SIZE,
        Dimensions=[{"Name": metrics.FUNCTION, "Value": stack["worker_function"]}],
        StartTime=datetime.now(UTC) - timedelta(days=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=3600,
        Statistics=["SampleCount"],
    )["Datapoints"]
    return sum(int(point["SampleCount"]) for point in points)


def _waiting(stack: LocalStack) -> int:
    """Return how many messages the queues have, in whatever state."""
    urls = (stack["queue_url"], stack["backfill_queue_url"])
    answers = [stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTHS)) for url in urls]
    return sum(int(answer["Attributes"][depth]) for answer in answers for depth in _DEPTHS)
