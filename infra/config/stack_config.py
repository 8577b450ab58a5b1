"""The stack's configuration as arguments of the components: the program's only reader of it.

Defaults live in `Pulumi.yaml` alone. Every wrong value is reported, all at once, before any resource is registered.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
from pulumi.runtime import config as engine

from infra.access.account import AccountArgs, tags_of
from infra.config.keys.delivery import read_delivery
from infra.config.keys.kms import read_kms_key
from infra.config.keys.page import read_page
from infra.config.keys.provider import read_region, read_settings
from infra.config.keys.source import read_events, read_source
from infra.config.keys.subscribers import read_subscribers
from infra.config.keys.worker import LONGEST_WAIT_DAYS, read_audit, read_queue, read_worker
from infra.config.overlay import whole_configuration
from infra.config.problems import NAMESPACE, Change, ConfigError
from infra.messaging.queues import DAY
from infra.messaging.subscriptions import SubscriptionsArgs
from infra.messaging.topics import AlarmTopicArgs, CompletionTopicArgs
from infra.pipeline import PipelineArgs
from infra.storage.output_bucket import OutputBucketArgs
from infra.watch.dashboard import DashboardArgs
from infra.watch.pager import PagerArgs
from infra.watch.watched import Thresholds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from infra.access.kms_key import KmsKey
    from infra.config.place import Place
    from infra.messaging.queues import QueueArgs

PREFIX: Final = "[a-z][a-z0-9-]{0,30}[a-z0-9]"
PREFIX_TAKES: Final = "2 to 32 of a-z, 0-9 and hyphen, from a letter on"
_LONGEST_PREFIX: Final = 32
_EMAIL: Final = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_TAG_KEY: Final = r"(?!aws:)[\w .:/=+@-]{1,128}"
_MOST_TAGS: Final = 10
"""On an object of S3, those of the provider's default included
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html)."""
_MOST_RESOURCE_TAGS: Final = 50
_TAG_VALUE: Final = r"[\w .:/=+@-]{0,256}"
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""


@dataclass(frozen=True)
class StackConfig:
    """Where the pipeline is deployed, and its arguments."""

    account: AccountArgs
    pipeline: PipelineArgs

    @classmethod
    def from_pulumi(cls) -> StackConfig:
        """Read the configuration of the stack that is being deployed.

        The engine hands over all keys at once, so that one which nobody declared can be refused instead of ignored.

        Raises:
            ConfigError: With every wrong value.
        """
        values = {**engine.get_config_env(), **engine.CONFIG.get()}
        secret = {*engine.get_config_secret_keys_env(), *(key for key in values if engine.is_config_secret(key))}
        return cls.read(values, pulumi.get_stack(), secret)

    @classmethod
    def read(cls, values: Mapping[str, str], stack: str, secret: Collection[str] = ()) -> StackConfig:
        """Read the configuration.

        Args:
            values: By key with its namespace: the project's, and the provider's.
            stack: Name of the stack, for names, tags and the commands in the error.
            secret: Keys whose values are encrypted.

        Raises:
            ConfigError: With every wrong value.
        """
        own = {
            key.removeprefix(f"{NAMESPACE}:"): text for key, text in values.items() if key.startswith(f"{NAMESPACE}:")
        }
        config = whole_configuration(own, [key.removeprefix(f"{NAMESPACE}:") for key in secret])
        region = read_region(values, config.problems)
        settings = read_settings(values, secret, config.problems)
        # Names carry the stack, so that two alarms in one inbox can be told apart.
        pipeline = read_pipeline(config, stack, as_prefix(f"images-{stack}"), region)
        tags = _read_tags(config.at("tags"), stack, page=pipeline.page is not None)
        if config.problems:
            raise ConfigError(stack, config.problems)
        return cls(AccountArgs(region, settings, tags), pipeline)


def read_pipeline(config: Place, stack: str, prefix: str, region: str | None = None) -> PipelineArgs:
    """Read the arguments of the components.

    Args:
        config: The whole configuration.
        stack: Its name.
        prefix: Begins the names of resources where `namePrefix` says nothing.
        region: That keys have to be in; None where only the provider knows it.
    """
    prefix = _read_prefix(config.at("namePrefix"), prefix)
    worker = read_worker(config, prefix, stack)
    keys = {name: read_kms_key(config.at(f"{name}KmsKey"), region) for name in ("source", "output", "queue", "topic")}
    queue = read_queue(config.at("queue"), prefix, worker, keys["queue"])
    force_destroy = config.at("forceDestroy").flag()
    page = read_page(config, prefix, worker)
    source = read_source(config, prefix, keys["source"], force_destroy=force_destroy, page=page is not None)
    expire_after = config.at("output").at("expireAfterDays").integer(0, 3650)
    output = OutputBucketArgs(prefix, force_destroy, keys["output"], expire_after)
    completion = CompletionTopicArgs(prefix, config.at("completionMessages").flag(), keys["topic"])
    return PipelineArgs(
        prefix=prefix,
        source=source,
        events=read_events(config.at("source"), prefix, source),
        output=output,
        queue=queue,
        completion=completion,
        subscriptions=_read_subscriptions(config, completion, worker.recipes.names, keys["queue"]),
        worker=worker,
        alarm_topic=AlarmTopicArgs(prefix, keys["topic"]),
        pager=PagerArgs(
            prefix,
            worker.target,
            worker.log_retention,
            _read_emails(config.at("alarms").at("email")),
            keys["topic"],
        ),
        thresholds=_read_thresholds(config.at("alarms"), queue),
        dashboard=DashboardArgs(prefix, worker.memory, worker.target.architecture),
        delivery=read_delivery(config.at("delivery"), prefix, worker.recipes.names),
        page=page,
        auditor=read_audit(config.at("audit"), worker, output.expire_after),
    )


def _read_prefix(place: Place, otherwise: str) -> str:
    if not place.text:
        return otherwise
    return place.matching(PREFIX, PREFIX_TAKES, as_prefix(place.text))


def as_prefix(text: str) -> str:
    """Return a prefix that is as near to `text` as can be; a long one ends in a digest, or two of them might be one."""
    plain = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
    if len(plain) > _LONGEST_PREFIX:
        plain = f"{plain[:25]}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
    return plain if re.fullmatch(PREFIX, plain) else f"images-{plain}"[:_LONGEST_PREFIX].strip("-")


def _read_subscriptions(
    config: Place, completion: CompletionTopicArgs, renditions: Collection[str], kms_key: KmsKey
) -> SubscriptionsArgs:
    args = SubscriptionsArgs(completion.prefix, read_subscribers(config.at("subscribers"), renditions), kms_key)
    if args.subscribers and not completion.notify:
        config.at("completionMessages").refuse("true where there are subscribers", nearest=True)
    return args


def _read_thresholds(alarms: Place, queue: QueueArgs) -> Thresholds:
    longest = LONGEST_WAIT_DAYS * DAY
    thresholds = Thresholds(
        backlog=alarms.at("backlog").integer(1, 100_000_000),
        backfill_backlog=alarms.at("backfillBacklog").integer(1, 100_000_000),
        message_age=alarms.at("messageAge").integer(60, longest),
        drain_time=alarms.at("drainTime").integer(60, longest),
        rejects=alarms.at("rejects").integer(1, 1_000_000),
        page_refusals=alarms.at("pageRefusals").integer(1, 1_000_000),
    )
    if thresholds.message_age >= queue.retention:
        alarms.at("messageAge").refuse(
            "fewer seconds than queue.retentionDays has: no message gets older", queue.retention - 1
        )
    return thresholds


def _read_emails(place: Place) -> tuple[str, ...]:
    email = place.matching(f"({_EMAIL})?", "an e-mail address, or nothing", "you@example.org")
    return (email,) if email else ()


def _read_tags(place: Place, stack: str, *, page: bool) -> Mapping[str, str]:
    own = tags_of(stack)
    taken = {name.lower(): name for name in own}
    for tag in place.parts():
        name = str(tag.path[-1])
        if name.lower() in taken:
            # IAM compares the names of tags without their case (https://github.com/aws/aws-cdk/issues/26253).
            tag.refuse_for(f"has a name that is taken, by {taken[name.lower()]}: case does not count", Change(tag.path))
        elif not re.fullmatch(_TAG_KEY, name):
            tag.refuse_for("has a name that is AWS's own, or has characters that AWS does not take", Change(tag.path))
        elif isinstance(tag.value, dict | list) or not re.fullmatch(_TAG_VALUE, tag.text):
            tag.refuse("up to 256 letters, digits, spaces and .:/=+@_-", re.sub(r"[^\w .:/=+@-]", "", tag.text)[:256])
        taken[name.lower()] = name
    most = _MOST_TAGS - len(own) if page else _MOST_RESOURCE_TAGS - len(own)
    if len(place.parts()) > most:
        last = place.parts()[-1]
        last.refuse_for(
            f"is one tag too many: there may be {most}{', since S3 takes ten on a file of the page' if page else ''}",
            Change(last.path),
        )
    return {**{str(tag.path[-1]): tag.text for tag in place.parts()}, **own}
