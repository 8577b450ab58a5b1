"""The topic that operators, and the chats that they read, subscribe to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from infra.access.policies import AllowPrincipal, DenyPlainHttp, account_id, document, publish_for_alarms
from infra.part import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

    from infra.access.kms_key import KmsKey


class OperatorTopic(Part):
    """Gets what the pager tells, and plain alarms where it cannot. Each of `emails` is subscribed, and must confirm.

    Encrypted as the alarm topic is: CloudWatch publishes here, too.
    """

    def __init__(
        self,
        name: str,
        prefix: str,
        emails: Sequence[str],
        pager: aws.iam.Role,
        kms_key: KmsKey,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("topics:OperatorTopic", name, opts)
        self.arn = aws.sns.Topic(f"{prefix}-{name}", kms_master_key_id=kms_key.arn or None, opts=self._within).arn
        account = account_id(self)
        aws.sns.TopicPolicy(
            self.named(f"{name}-accept-pager"),
            arn=self.arn,
            policy=document(
                AllowPrincipal(["sns:Subscribe"], self.arn, principal={"AWS": account}),
                # Here as well as in the role's policy: an alarm is lost with neither of them alone.
                AllowPrincipal(["sns:Publish"], self.arn, principal={"AWS": pager.arn}),
                publish_for_alarms(self.arn, account),
                DenyPlainHttp("sns:Publish", [self.arn]),
            ),
            opts=self._within,
        )
        for email in emails:
            aws.sns.TopicSubscription(
                self.named(f"{name}-tell-{email}"), topic=self.arn, protocol="email", endpoint=email, opts=self._within
            )
        self.register_outputs({"arn": self.arn})
