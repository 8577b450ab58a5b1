"""The stack's configuration as arguments of the components; `worker_keys` and `page_keys` read their parts of it.

Defaults live in `Pulumi.yaml` alone. Every wrong value is reported, all at once, before any resource is registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.account import AccountArgs
from infra.config import structured
from infra.config.page_keys import read_page
from infra.config.worker_keys import LONGEST_WAIT_DAYS, read_queue, read_worker
from infra.messaging.queues import DAY
from infra.messaging.subscriber import subscribers
from infra.messaging.subscriptions import SubscriptionsArgs
from infra.messaging.topics import AlarmTopicArgs, CompletionTopicArgs
from infra.storage.archive_classes import CLASSES, ArchiveClass
from infra.storage.output_bucket import OutputBucketArgs
from infra.storage.source_bucket import SourceBucketArgs
from infra.values import ConfigError, Source, Values
from infra.watch.dashboard import DashboardArgs
from infra.watch.thresholds import Thresholds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.messaging.queues import QueueArgs
    from infra.page.upload_page import PageArgs
    from infra.worker.function import WorkerArgs


@dataclass(frozen=True)
class StackConfig:
    """The arguments of each component, by its name in the program; `prefix` starts the names of all resources."""

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
        problems = (*aws_values.problems, *values.problems)
        if problems:
            raise ConfigError(stack, problems)
        return read


def _read(values: Values, region: str, profile: str | None, stack: str) -> StackConfig:
    prefix = values.text(
        "namePrefix", "[a-z][a-z0-9-]{0,18}[a-z0-9]", "2 to 20 of a-z, 0-9 and -, from a letter on", "image-pipeline"
    )
    worker = read_worker(values, prefix, stack)
    source = _read_source(values, prefix)
    queue = read_queue(values, prefix, worker)
    completion = CompletionTopicArgs(prefix, values.flag("notify"))
    return StackConfig(
        prefix=prefix,
        account=AccountArgs(region, profile, _read_tags(values, stack)),
        source=source,
        output=OutputBucketArgs(prefix, source.force_destroy, values.integer("expireOutputsAfterDays", 0, 3650)),
        queue=queue,
        completion=completion,
        subscriptions=_read_subscriptions(values, completion),
        worker=worker,
        alarm_topic=AlarmTopicArgs(prefix, _read_emails(values)),
        thresholds=_read_thresholds(values, queue),
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


def _read_subscriptions(values: Values, completion: CompletionTopicArgs) -> SubscriptionsArgs:
    args = SubscriptionsArgs(
        completion.prefix, values.document("subscribers", subscribers, "a list of subscribers") or ()
    )
    if args.subscribers and not completion.notify:
        values.refuse("notify", "true where there are subscribers", "true")
    return args


def _read_thresholds(values: Values, queue: QueueArgs) -> Thresholds:
    thresholds = Thresholds(
        backlog=values.integer("alarmBacklog", 1, 100_000_000),
        backfill_backlog=values.integer("alarmBackfillBacklog", 1, 100_000_000),
        message_age=values.integer("alarmMessageAge", 60, LONGEST_WAIT_DAYS * DAY),
        drain_time=values.integer("alarmDrainTime", 60, LONGEST_WAIT_DAYS * DAY),
        rejects=values.integer("alarmRejects", 1, 1_000_000),
    )
    if thresholds.message_age >= queue.retention:
        values.refuse("alarmMessageAge", "fewer seconds than queueRetentionDays has: no message gets older", "900")
    return thresholds


def _read_emails(values: Values) -> tuple[str, ...]:
    email = values.text(
        "alarmEmail", r"([^@\s]+@[^@\s]+\.[^@\s]+)?", "an e-mail address, or nothing", "you@example.org"
    )
    return (email,) if email else ()


def _read_tags(values: Values, stack: str) -> Mapping[str, str]:
    own = {"project": "image-pipeline", "stack": stack, "managed-by": "pulumi"}
    return {**(values.document("tags", structured.tags, "an object of texts") or {}), **own}
