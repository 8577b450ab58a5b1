"""The configuration's keys of the worker and of its queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.config.keys.renditions import read_recipes
from infra.messaging.queues import DAY, QueueArgs
from infra.worker.auditor import PERIODS, AuditorArgs
from infra.worker.function import WorkerArgs
from infra.worker.wheels import Target

if TYPE_CHECKING:
    from infra.access.kms_key import KmsKey
    from infra.config.place import Place

RUNTIMES: Final = ("python3.13", "python3.14", "python3.12")
ARCHITECTURES: Final = ("arm64", "x86_64")
ON_THIS_COMPUTER: Final = "local"
"""Name of the stack that `python -m local up` deploys on the embedded AWS."""
VISIBILITY_FACTOR: Final = 6
"""Function timeouts per visibility timeout (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)."""
LOG_RETENTION_DAYS: Final = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
                             2922, 3288, 3653)  # fmt: skip
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
LONGEST_WAIT_DAYS: Final = 11
"""In the queue. SQS keeps a dead letter until fourteen days after the message was first sent: with eleven days in the queue,
the alarm `dead-letters-expiring` goes off one day after the move, two days before the letter is deleted."""


def read_worker(config: Place, prefix: str, stack: str) -> WorkerArgs:
    """Read the arguments of the worker."""
    worker = config.at("worker")
    target = Target(
        worker.at("runtime").choice(RUNTIMES),
        worker.at("architecture").choice(ARCHITECTURES),
        host=stack == ON_THIS_COMPUTER,
    )
    return WorkerArgs(
        prefix=prefix,
        target=target,
        memory=worker.at("memory").integer(256, 10_240),
        timeout=worker.at("timeout").integer(10, 900),
        log_retention=worker.at("logRetentionDays").number_of(LOG_RETENTION_DAYS),
        batch_size=worker.at("batchSize").integer(1, 1000),
        max_concurrency=worker.at("maxConcurrency").integer(2, 1000),
        backfill_concurrency=worker.at("backfillConcurrency").integer(2, 1000),
        recipes=read_recipes(config),
        cache_control=config.at("output").at("cacheControl").matching(
            r"[\x20-\x7e]{1,200}", "a header's value of up to 200 characters", "public, max-age=3600"
        ),
    )  # fmt: skip


def read_audit(place: Place, worker: WorkerArgs, expire_after: int) -> AuditorArgs | None:
    """Read the arguments of the auditor; None where there is to be none. `expire_after` is in days."""
    period = PERIODS[place.choice(tuple(PERIODS))]
    foci = any(recipe.crops for recipe in worker.recipes.all)
    args = AuditorArgs(worker.prefix, worker.target, worker.log_retention, period, expire_after, foci)
    return args if period else None


def read_queue(place: Place, prefix: str, worker: WorkerArgs, kms_key: KmsKey) -> QueueArgs:
    """Read the arguments of the queue and of the backfill queue; the visibility timeout follows from `worker`."""
    attempts = place.at("maxReceiveCount")
    args = QueueArgs(
        prefix=prefix,
        retention=place.at("retentionDays").integer(1, LONGEST_WAIT_DAYS) * DAY,
        visibility_timeout=VISIBILITY_FACTOR * worker.timeout + worker.batch_window,
        max_receive_count=attempts.integer(1, 1000),
        kms_key=kms_key,
    )
    if args.max_receive_count * args.visibility_timeout > args.retention:
        attempts.refuse(
            f"as many attempts, {args.visibility_timeout} s apart, as fit into queue.retentionDays: later ones never come",
            args.retention // args.visibility_timeout,
        )
    return args
