"""The configuration keys of the worker and of its queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.config import structured
from infra.messaging.queues import DAY, QueueArgs
from infra.worker.function import WorkerArgs
from infra.worker.wheels import Target
from worker.contracts.recipe import RenditionSpec, dump_renditions

if TYPE_CHECKING:
    from infra.values import Values

RUNTIMES: Final = ("python3.13", "python3.14", "python3.12")
ON_THIS_COMPUTER: Final = "local"
"""Name of the stack that `python -m local up` deploys on the embedded AWS."""
VISIBILITY_FACTOR: Final = 6
"""Function timeouts per visibility timeout (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)."""
LOG_RETENTION_DAYS: Final = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
                             2922, 3288, 3653)  # fmt: skip
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
ENVIRONMENT_BYTES: Final = 4096 - 700
"""What is left of Lambda's 4 KB for renditions and cacheControl: the other variables take less than 700 bytes
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""
LONGEST_WAIT_DAYS: Final = 11
"""In the queue. SQS keeps a dead letter until fourteen days after the message was first sent: with eleven days in the queue,
the alarm `dead-letters-expiring` goes off one day after the move, two days before the letter is deleted."""


def read_worker(values: Values, prefix: str, stack: str) -> WorkerArgs:
    """Read the arguments of the worker."""
    target = Target(
        values.choice("runtime", RUNTIMES),
        values.choice("architecture", ("arm64", "x86_64")),
        host=stack == ON_THIS_COMPUTER,
    )
    args = WorkerArgs(
        prefix=prefix,
        target=target,
        memory=values.integer("workerMemory", 256, 10_240),
        timeout=values.integer("workerTimeout", 10, 900),
        log_retention=_read_log_retention(values),
        batch_size=values.integer("batchSize", 1, 1000),
        max_concurrency=values.integer("maxConcurrency", 2, 1000),
        backfill_concurrency=values.integer("backfillConcurrency", 2, 1000),
        renditions=_read_renditions(values),
        cache_control=values.text(
            "cacheControl", r"[\x20-\x7e]{1,200}", "a header's value of up to 200 characters", "no-cache"
        ),
    )
    _check_environment(values, args)
    return args


def read_queue(values: Values, prefix: str, worker: WorkerArgs) -> QueueArgs:
    """Read the arguments of the queue and of the backfill queue; the visibility timeout follows from `worker`."""
    args = QueueArgs(
        prefix=prefix,
        retention=values.integer("queueRetentionDays", 1, LONGEST_WAIT_DAYS) * DAY,
        visibility_timeout=VISIBILITY_FACTOR * worker.timeout + worker.batch_window,
        max_receive_count=values.integer("maxReceiveCount", 1, 1000),
    )
    _check_attempts(values, args)
    return args


def _read_renditions(values: Values) -> tuple[RenditionSpec, ...]:
    return values.document("renditions", structured.renditions, "a list of renditions") or ()


def _read_log_retention(values: Values) -> int:
    text = values.choice("logRetentionDays", [str(days) for days in LOG_RETENTION_DAYS])
    return int(text) if text.isdigit() else 0


def _check_environment(values: Values, worker: WorkerArgs) -> None:
    size = len(dump_renditions(worker.renditions).encode()) + len(worker.cache_control)
    if size > ENVIRONMENT_BYTES:
        takes = f"at most {ENVIRONMENT_BYTES} bytes as JSON with cacheControl, all that a function's environment holds"
        values.refuse("renditions", f"{takes}; these are {size}", None, f"[{len(worker.renditions) - 1}]")


def _check_attempts(values: Values, queue: QueueArgs) -> None:
    if queue.max_receive_count * queue.visibility_timeout > queue.retention:
        values.refuse(
            "maxReceiveCount",
            f"as many attempts, {queue.visibility_timeout} s apart, as fit into queueRetentionDays: later ones never come",
            str(queue.retention // queue.visibility_timeout),
        )
