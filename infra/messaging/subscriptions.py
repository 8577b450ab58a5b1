"""The subscribers of the completion topic. Each has a dead-letter queue and an alarm of its own, so that no message is lost unnoticed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.access.policies import AllowPrincipal, DenyPlainHttp, document, send_for
from infra.messaging.queues import DAY, LONGEST_RETENTION, encryption
from infra.messaging.subscriber import SQS, UNDELIVERED
from infra.part import Part

if TYPE_CHECKING:
    from infra.access.kms_key import KmsKey
    from infra.messaging.subscriber import Subscriber
    from infra.messaging.topics import CompletionTopic

RETENTION: Final = 4 * DAY
"""Seconds that a subscriber's own queue keeps a message."""
MAX_RECEIVE_COUNT: Final = 5
READ: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes")
"""What a reader does, Lambda's mapping included (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)."""


@dataclass(frozen=True)
class SubscriptionsArgs:
    """What the subscriptions need to know.

    Attributes:
        prefix: Of the resources' names.
        subscribers: As they are configured.
        kms_key: Of the queues.
    """

    prefix: str
    subscribers: tuple[Subscriber, ...]
    kms_key: KmsKey


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
        self._prefix, self._key, self._topic = args.prefix, args.kms_key, topic
        self.queues: list[SubscriberQueue] = []
        self.undelivered: list[SubscriberQueue] = []
        for subscriber in args.subscribers:
            self._subscribe(subscriber)
        self.queue_urls = {queue.subscriber: queue.url for queue in self.queues}
        self.queue_arns = {queue.subscriber: queue.arn for queue in self.queues}
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
            readers = AllowPrincipal(list(READ), queue.arn, principal={"AWS": list(subscriber.readers)})
            after.append(self._accept(queue, subscriber.name, *([readers] if subscriber.readers else [])))
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
            **encryption(self._key),
            **more,
            opts=self._within,
        )
        return SubscriberQueue(subscriber, queue.arn, queue.url, queue.name)

    def _accept(self, queue: SubscriberQueue, label: str, *readers: AllowPrincipal) -> aws.sqs.QueuePolicy:
        """Let SNS send for the topic and `readers` do what their statement says, and deny plain HTTP."""
        return aws.sqs.QueuePolicy(
            self.named(f"{label}-accepts-completion"),
            queue_url=queue.url,
            policy=document(
                send_for(self._topic.arn, "sns.amazonaws.com", queue.arn, parent=self),
                *readers,
                DenyPlainHttp("sqs:*", [queue.arn]),
            ),
            opts=self._within,
        )
