"""The subscribers of the completion topic. Each has a dead-letter queue and an alarm of its own, so that no message is lost unnoticed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.messaging.queues import DAY, LONGEST_RETENTION
from infra.messaging.subscriber import SQS, UNDELIVERED
from infra.part import Part
from infra.policies import AllowPrincipal, DenyPlainHttp, account_id, document

if TYPE_CHECKING:
    from infra.messaging.subscriber import Subscriber
    from infra.messaging.topics import CompletionTopic

RETENTION: Final = 4 * DAY
"""Seconds that a subscriber's own queue keeps a message."""
MAX_RECEIVE_COUNT: Final = 5


@dataclass(frozen=True)
class SubscriptionsArgs:
    """What the subscriptions need to know.

    Attributes:
        prefix: Of the resources' names.
        subscribers: As they are configured.
    """

    prefix: str
    subscribers: tuple[Subscriber, ...]


@dataclass(frozen=True)
class SubscriberQueue:
    """A queue that a subscriber reads, or the dead-letter queue of what could not be delivered; named as in its metrics."""

    subscriber: str
    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    name: pulumi.Output[str]


class Subscriptions(Part):
    """A subscription of the topic for each subscriber in the configuration.

    Attributes:
        queues: Of those subscribers that have one of the stack's own.
        undelivered: Of every subscriber: what SNS could not deliver, and what its reader could not handle.
    """

    def __init__(
        self, name: str, args: SubscriptionsArgs, topic: CompletionTopic, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("topics:Subscriptions", name, opts)
        self._prefix, self._topic = args.prefix, topic
        self.queues: list[SubscriberQueue] = []
        self.undelivered: list[SubscriberQueue] = []
        for subscriber in args.subscribers:
            self._subscribe(subscriber)
        self.queue_urls = {queue.subscriber: queue.url for queue in self.queues}
        self.undelivered_urls = {queue.subscriber: queue.url for queue in self.undelivered}
        self.register_outputs({})

    def _subscribe(self, subscriber: Subscriber) -> None:
        undelivered = self._queue(subscriber.name, UNDELIVERED, LONGEST_RETENTION)
        self.undelivered.append(undelivered)
        after = [self._accept(undelivered, f"{subscriber.name}{UNDELIVERED}")]
        endpoint: pulumi.Input[str] | None = subscriber.endpoint
        if endpoint is None:
            redrive = {"deadLetterTargetArn": undelivered.arn, "maxReceiveCount": MAX_RECEIVE_COUNT}
            queue = self._queue(subscriber.name, "", RETENTION, redrive_policy=pulumi.Output.json_dumps(redrive))
            self.queues.append(queue)
            after.append(self._accept(queue, subscriber.name))
            endpoint = queue.arn
        aws.sns.TopicSubscription(
            self.named(f"completion-tells-{subscriber.name}"),
            topic=self._topic.arn,
            protocol=subscriber.protocol,
            endpoint=endpoint,
            # A queue gets the manifest as it is. A web server gets SNS's envelope, whose signature it can check.
            raw_message_delivery=subscriber.protocol == SQS or None,
            filter_policy=json.dumps(subscriber.filter) if subscriber.filter else None,
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": undelivered.arn}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _queue(self, subscriber: str, suffix: str, retention: int, **more: Any) -> SubscriberQueue:
        queue = aws.sqs.Queue(
            f"{self._prefix}-{subscriber}{suffix}",
            message_retention_seconds=retention,
            # SQS's own key: with one of KMS, SNS would need a permission on that key
            # (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
            sqs_managed_sse_enabled=True,
            **more,
            opts=self._within,
        )
        return SubscriberQueue(subscriber, queue.arn, queue.url, queue.name)

    def _accept(self, queue: SubscriberQueue, label: str) -> aws.sqs.QueuePolicy:
        """Let SNS send for the topic, and deny plain HTTP."""
        return aws.sqs.QueuePolicy(
            self.named(f"{label}-accepts-completion"),
            queue_url=queue.url,
            policy=document(
                AllowPrincipal(
                    ["sqs:SendMessage"],
                    queue.arn,
                    principal={"Service": "sns.amazonaws.com"},
                    condition={
                        "ArnEquals": {"aws:SourceArn": self._topic.arn},
                        "StringEquals": {"aws:SourceAccount": account_id(self)},
                    },
                ),
                DenyPlainHttp("sqs:*", [queue.arn]),
            ),
            opts=self._within,
        )
