"""The queue of changed keys, and the dead-letter queue of what could not be done about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.access.policies import Allow, AllowPrincipal, DenyPlainHttp, document, grant, send_for
from infra.part import Part

if TYPE_CHECKING:
    from infra.access.kms_key import KmsKey

HOUR: Final = 60 * 60
DAY: Final = 24 * HOUR
"""Seconds."""
LONGEST_RETENTION: Final = 14 * DAY
"""Seconds; SQS keeps no message for longer. A dead letter's count from when it was first sent to the queue:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"""
_LETTERS: Final = "dead-letters-deny-plain-http"
DATA_KEY_SECONDS: Final = HOUR
"""That SQS goes on with a data key before it asks KMS again, which it does for each sender and each receiver: so long, a key that is
taken away still works (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html)."""


@dataclass(frozen=True)
class QueueArgs:
    """What the queue needs to know.

    Attributes:
        prefix: Of the resources' names.
        retention: Seconds that a message waits at most.
        visibility_timeout: Seconds that a message received is hidden: six function timeouts and the batch window
            (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html).
        max_receive_count: Attempts before SQS moves a message to the dead letters.
        kms_key: That messages are encrypted with; without an ARN, SQS's own.
    """

    prefix: str
    retention: int
    visibility_timeout: int
    max_receive_count: int
    kms_key: KmsKey


def encryption(key: KmsKey) -> dict[str, Any]:
    """Return the arguments of a queue whose messages are encrypted with `key`, or with SQS's own."""
    if not key.arn:
        return {"sqs_managed_sse_enabled": True}
    return {"kms_master_key_id": key.arn, "kms_data_key_reuse_period_seconds": DATA_KEY_SECONDS}


class DeadLetterQueue(Part):
    """Messages that are not retried until an operator redrives them."""

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("queues:DeadLetterQueue", name, opts)
        self._key = args.kms_key
        self.queue = aws.sqs.Queue(
            f"{args.prefix}-{name}",
            message_retention_seconds=LONGEST_RETENTION,
            **encryption(args.kms_key),
            opts=self._within,
        )
        self.url, self.arn, self.name = self.queue.url, self.queue.arn, self.queue.name
        self.register_outputs({"url": self.url})

    def accept_from(self, *queues: Queue) -> None:
        """Let `queues`, and no others, have this as their dead-letter queue."""
        aws.sqs.RedriveAllowPolicy(
            self.named("dead-letters-accept-queue"),
            queue_url=self.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn for queue in queues]}
            ),
            opts=self._within,
        )

    def accept_undelivered(self, service: str, source_arn: pulumi.Input[str]) -> aws.sqs.QueuePolicy:
        """Let a service leave what it could not send to the queue for one rule of this account, and deny plain HTTP."""
        return _policy(self, _LETTERS, send_for(source_arn, service, self.arn, parent=self))

    def accept_from_operators(self) -> aws.sqs.QueuePolicy:
        """Deny plain HTTP; senders need a permission of their own."""
        return _policy(self, _LETTERS)

    def grant_send_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` send what it rejects."""
        statements = Allow(["sqs:SendMessage"], self.arn), *self._key.send
        return grant("worker-rejects-to-dead-letters", role, *statements, parent=self)


class Queue(Part):
    """Hints that a key of the source bucket changed."""

    def __init__(
        self, name: str, args: QueueArgs, dead_letters: DeadLetterQueue, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("queues:Queue", name, opts)
        self._key = args.kms_key
        self.queue = aws.sqs.Queue(
            f"{args.prefix}-{name}",
            message_retention_seconds=args.retention,
            visibility_timeout_seconds=args.visibility_timeout,
            **encryption(args.kms_key),
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": args.max_receive_count}
            ),
            opts=self._within,
        )
        self.url, self.arn, self.name = self.queue.url, self.queue.arn, self.queue.name
        self.retention, self.max_receive_count = args.retention, args.max_receive_count
        self.visibility_timeout = args.visibility_timeout
        self.register_outputs({"url": self.url})

    def accept_from(self, service: str, source_arn: pulumi.Input[str]) -> aws.sqs.QueuePolicy:
        """Let a service send for one bucket or rule of this account, and deny plain HTTP."""
        return _policy(self, "queue-accepts-source", send_for(source_arn, service, self.arn, parent=self))

    def accept_from_operators(self) -> aws.sqs.QueuePolicy:
        """Deny plain HTTP; senders need a permission of their own."""
        return _policy(self, f"{self.label}-denies-plain-http")

    @property
    def longest_way(self) -> int:
        """Seconds in which a message is done or given up, where it does not wait for others."""
        return self.max_receive_count * self.visibility_timeout

    def grant_send_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` send hints."""
        statements = Allow(["sqs:SendMessage"], self.arn), *self._key.send
        return grant(f"auditor-sends-to-{self.label}", role, *statements, parent=self)

    def grant_consume_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` receive, delete and postpone messages."""
        actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
        return grant(f"worker-consumes-{self.label}", role, Allow(actions, self.arn), *self._key.read, parent=self)


def _policy(queue: Queue | DeadLetterQueue, edge: str, *allowed: AllowPrincipal) -> aws.sqs.QueuePolicy:
    """Set the one policy of `queue`, which denies plain HTTP besides, under the name of the edge that it is in the diagram."""
    return aws.sqs.QueuePolicy(
        queue.named(edge),
        queue_url=queue.url,
        policy=document(*allowed, DenyPlainHttp("sqs:*", [queue.arn])),
        opts=pulumi.ResourceOptions(parent=queue),
    )
