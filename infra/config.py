"""The stack's configuration: the only reader of `pulumi.Config`, and what each component is told.

Defaults live in `Pulumi.yaml` alone. Every wrong value is reported, all at once, before any resource is registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra import structured
from infra.account import AccountArgs
from infra.archive import CLASSES, ArchiveClass
from infra.dashboard import DashboardArgs
from infra.output_bucket import OutputBucketArgs
from infra.pagekeys import read_page
from infra.queues import DAY, QueueArgs
from infra.source_bucket import SourceBucketArgs
from infra.subscriber import subscribers
from infra.subscriptions import SubscriptionsArgs
from infra.topics import AlarmTopicArgs, CompletionTopicArgs
from infra.values import ConfigError, Source, Values
from infra.watched import Thresholds
from infra.wheels import Target
from infra.worker import WorkerArgs
from worker.recipe import RenditionSpec, dump_renditions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.page import PageArgs

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
"""Days in the queue. SQS deletes a dead letter fourteen days after its first one: of a message that waited for eleven, a day is
left before `dead-letters-expiring` rings, and two after that."""


@dataclass(frozen=True)
class StackConfig:
    """What each component is told, by its name in the program; `prefix` starts the names of all resources."""

    prefix: str
    account: AccountArgs
    source: SourceBucketArgs
    output: OutputBucketArgs
    queue: QueueArgs
    completion: CompletionTopicArgs
    subscriptions: SubscriptionsArgs
    worker: WorkerArgs
    alarm_topic: AlarmTopicArgs
    thresholds: Thresholds
    dashboard: DashboardArgs
    page: PageArgs | None

    @classmethod
    def from_pulumi(cls, config: Source, aws_config: Source, stack: str) -> StackConfig:
        """Read the configuration.

        Args:
            config: The project's keys.
            aws_config: The provider's, of which `region` and `profile` are read.
            stack: Name of the stack, for the tags and for the commands in the error.

        Raises:
            ConfigError: With every wrong value.
        """
        values, aws_values = Values(config), Values(aws_config)
        region = aws_values.text("region", r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region", "eu-central-1")
        read = _read(values, region, aws_config.get("profile"), stack)
        _check_relations(values, read)
        problems = (*aws_values.problems, *values.problems)
        if problems:
            raise ConfigError(stack, problems)
        return read


def _read(values: Values, region: str, profile: str | None, stack: str) -> StackConfig:
    prefix = values.text(
        "namePrefix", "[a-z][a-z0-9-]{0,18}[a-z0-9]", "2 to 20 of a-z, 0-9 and -, from a letter on", "image-pipeline"
    )
    worker = _read_worker(values, prefix, stack)
    source = _read_source(values, prefix)
    queue = _read_queue(values, prefix, worker)
    return StackConfig(
        prefix=prefix,
        account=AccountArgs(region, profile, _read_tags(values, stack)),
        source=source,
        output=OutputBucketArgs(prefix, source.force_destroy, values.integer("expireOutputsAfterDays", 0, 3650)),
        queue=queue,
        completion=CompletionTopicArgs(prefix, values.flag("notify")),
        subscriptions=SubscriptionsArgs(
            prefix, values.document("subscribers", subscribers, "a list of subscribers") or ()
        ),
        worker=worker,
        alarm_topic=AlarmTopicArgs(prefix, _read_emails(values)),
        thresholds=_read_thresholds(values),
        dashboard=DashboardArgs(prefix, region, worker.memory, worker.target.architecture),
        page=read_page(values, prefix, worker, source),
    )


def _read_source(values: Values, prefix: str) -> SourceBucketArgs:
    return SourceBucketArgs(
        prefix=prefix,
        force_destroy=values.flag("forceDestroy"),
        key_prefix=values.text(
            "sourcePrefix", r"[A-Za-z0-9/!_.'()-]{0,512}", f"up to 512 {structured.FILTER_CHARACTERS}", "photos/"
        ),
        key_suffixes=values.document("sourceSuffixes", structured.suffixes, "a list of endings") or (),
        archive_after=values.integer("archiveAfterDays", 0, 3650),
        archive=_read_archive_class(values),
        noncurrent_days=values.integer("noncurrentDays", 1, 3650),
    )


def _read_archive_class(values: Values) -> ArchiveClass:
    name = values.choice("archiveClass", CLASSES)
    return CLASSES.get(name) or next(iter(CLASSES.values()))


def _read_worker(values: Values, prefix: str, stack: str) -> WorkerArgs:
    target = Target(
        values.choice("runtime", RUNTIMES),
        values.choice("architecture", ("arm64", "x86_64")),
        host=stack == ON_THIS_COMPUTER,
    )
    return WorkerArgs(
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


def _read_renditions(values: Values) -> tuple[RenditionSpec, ...]:
    return values.document("renditions", structured.renditions, "a list of renditions") or ()


def _read_queue(values: Values, prefix: str, worker: WorkerArgs) -> QueueArgs:
    return QueueArgs(
        prefix=prefix,
        retention=values.integer("queueRetentionDays", 1, LONGEST_WAIT_DAYS) * DAY,
        visibility_timeout=VISIBILITY_FACTOR * worker.timeout + worker.batch_window,
        max_receive_count=values.integer("maxReceiveCount", 1, 1000),
    )


def _read_thresholds(values: Values) -> Thresholds:
    return Thresholds(
        backlog=values.integer("alarmBacklog", 1, 100_000_000),
        backfill_backlog=values.integer("alarmBackfillBacklog", 1, 100_000_000),
        message_age=values.integer("alarmMessageAge", 60, LONGEST_WAIT_DAYS * DAY),
        drain_time=values.integer("alarmDrainTime", 60, LONGEST_WAIT_DAYS * DAY),
        rejects=values.integer("alarmRejects", 1, 1_000_000),
    )


def _read_log_retention(values: Values) -> int:
    text = values.choice("logRetentionDays", [str(days) for days in LOG_RETENTION_DAYS])
    return int(text) if text.isdigit() else 0


def _read_emails(values: Values) -> tuple[str, ...]:
    email = values.text(
        "alarmEmail", r"([^@\s]+@[^@\s]+\.[^@\s]+)?", "an e-mail address, or nothing", "you@example.org"
    )
    return (email,) if email else ()


def _read_tags(values: Values, stack: str) -> Mapping[str, str]:
    own = {"project": "image-pipeline", "stack": stack, "managed-by": "pulumi"}
    return {**(values.document("tags", structured.tags, "an object of texts") or {}), **own}


def _check_relations(values: Values, read: StackConfig) -> None:
    """Refuse values that are fine alone and not together."""
    worker, queue = read.worker, read.queue
    if queue.max_receive_count * queue.visibility_timeout > queue.retention:
        values.refuse(
            "maxReceiveCount",
            f"as many attempts, {queue.visibility_timeout} s apart, as fit into queueRetentionDays: later ones never come",
            str(queue.retention // queue.visibility_timeout),
        )
    if read.thresholds.message_age >= queue.retention:
        values.refuse("alarmMessageAge", "fewer seconds than queueRetentionDays has: no message gets older", "900")
    if read.subscriptions.subscribers and not read.completion.notify:
        values.refuse("notify", "true where there are subscribers", "true")
    _check_environment(values, worker)


def _check_environment(values: Values, worker: WorkerArgs) -> None:
    size = len(dump_renditions(worker.renditions).encode()) + len(worker.cache_control)
    if size > ENVIRONMENT_BYTES:
        takes = f"at most {ENVIRONMENT_BYTES} bytes as JSON with cacheControl, all that a function's environment holds"
        values.refuse("renditions", f"{takes}; these are {size}", None, f"[{len(worker.renditions) - 1}]")
