"""Two topics: completion messages for subscribers, and alarms for the pager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.access.policies import (
    Allow,
    AllowPrincipal,
    DenyPlainHttp,
    account_id,
    document,
    grant,
    publish_for_alarms,
)
from infra.part import Part

if TYPE_CHECKING:
    from infra.access.kms_key import KmsKey

_MANAGED_KEY: Final = "alias/aws/sns"
"""Its policy lets all principals of this account use it through SNS, so no role needs a permission on it."""


@dataclass(frozen=True)
class CompletionTopicArgs:
    """What the completion topic needs to know.

    Attributes:
        prefix: Of the resources' names.
        notify: Whether there is a topic at all.
        kms_key: Without an ARN, SNS's own.
    """

    prefix: str
    notify: bool
    kms_key: KmsKey


@dataclass(frozen=True)
class AlarmTopicArgs:
    """What the alarm topic needs to know.

    Attributes:
        prefix: Of the resources' names.
        kms_key: Without an ARN, there is none.
    """

    prefix: str
    kms_key: KmsKey


class CompletionTopic(Part):
    """Gets a message for every picture that is ready or rejected: its manifest.

    Attributes:
        environment: What the worker has to know of it: nothing where there is none.
    """

    def __init__(self, name: str, args: CompletionTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("topics:CompletionTopic", name, opts)
        self._key = args.kms_key
        self.arn: pulumi.Output[str] = pulumi.Output.from_input("")
        self.environment: dict[str, pulumi.Output[str]] = {}
        if args.notify:
            self._make(f"{args.prefix}-{name}", name)
        self.register_outputs({"arn": self.arn})

    def _make(self, full_name: str, name: str) -> None:
        key = self._key.arn or _MANAGED_KEY
        self.arn = aws.sns.Topic(full_name, kms_master_key_id=key, opts=self._within).arn
        self.environment = {"COMPLETION_TOPIC_ARN": self.arn}
        aws.sns.TopicPolicy(
            self.named(f"{name}-is-for-this-account"),
            arn=self.arn,
            policy=document(
                AllowPrincipal(["sns:Publish", "sns:Subscribe"], self.arn, principal={"AWS": account_id(self)}),
                DenyPlainHttp("sns:Publish", [self.arn]),
            ),
            opts=self._within,
        )

    def grant_publish_to(self, role: aws.iam.Role) -> list[aws.iam.RolePolicy]:
        """Let `role` publish completion messages, where there is a topic."""
        if not self.environment:
            return []
        statements = Allow(["sns:Publish"], self.arn), *self._key.send
        return [grant("worker-publishes-completion", role, *statements, parent=self)]


class AlarmTopic(Part):
    """Gets a message when an alarm goes into state ALARM, and when it is OK again, as CloudWatch writes it: for machines and the pager.

    Never encrypted with `alias/aws/sns`: CloudWatch may not use the AWS-managed key, and alarms would go nowhere
    (https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns). Alarms carry names and numbers, no pictures.
    """

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("topics:AlarmTopic", name, opts)
        self.topic = aws.sns.Topic(
            f"{args.prefix}-{name}", kms_master_key_id=args.kms_key.arn or None, opts=self._within
        )
        self.arn, self.name = self.topic.arn, self.topic.name
        account = account_id(self)
        aws.sns.TopicPolicy(
            self.named(f"{name}-accept-cloudwatch"),
            arn=self.arn,
            policy=document(
                AllowPrincipal(["sns:Subscribe"], self.arn, principal={"AWS": account}),
                publish_for_alarms(self.arn, account),
                DenyPlainHttp("sns:Publish", [self.arn]),
            ),
            opts=self._within,
        )
        self.register_outputs({"arn": self.arn})
