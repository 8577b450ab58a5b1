"""Policy documents: statements as frozen values, documents as JSON.

No statement has a default action or resource: every grant names its own. Only X-Ray's is for `*`, as it has no other resource.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.part import Part


@dataclass(frozen=True)
class Allow:
    """An Allow statement of an identity's policy.

    Attributes:
        actions: Such as `s3:GetObject`.
        resource: The ARN that they are allowed on, or several.
        condition: Under which it applies.
    """

    actions: Sequence[str]
    resource: pulumi.Input[str] | Sequence[pulumi.Input[str]]
    condition: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def to_json(self) -> dict[str, Any]:
        """Return the statement as IAM reads it."""
        condition = {"Condition": self.condition} if self.condition else {}
        return {"Effect": "Allow", "Action": list(self.actions), "Resource": self.resource, **condition}


@dataclass(frozen=True)
class AllowPrincipal(Allow):
    """An Allow statement of a resource's policy.

    Attributes:
        principal: Such as `{"Service": "s3.amazonaws.com"}`.
    """

    principal: Mapping[str, pulumi.Input[str] | Sequence[str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the statement as IAM reads it."""
        return {**super().to_json(), "Principal": self.principal}


@dataclass(frozen=True)
class DenyPlainHttp:
    """Denies `action` on `resources` to all principals unless the request came over TLS."""

    action: str
    resources: Sequence[pulumi.Input[str]]

    def to_json(self) -> dict[str, Any]:
        """Return the statement as IAM reads it."""
        return {
            "Sid": "DenyPlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": self.action,
            "Resource": list(self.resources),
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }


Statement = Allow | DenyPlainHttp


def document(*statements: Statement) -> pulumi.Output[str]:
    """Return the statements as a policy document."""
    return pulumi.Output.json_dumps(_document(statements))


def size_of(*statements: Statement) -> int:
    """Return the bytes of the document of statements in which everything is known already."""
    return len(json.dumps(_document(statements)).encode())


def _document(statements: Sequence[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement.to_json() for statement in statements]}


def assumable_by(service: str) -> pulumi.Output[str]:
    """Return the trust policy that lets `service` assume a role."""
    return pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
        }
    )


def grant(edge: str, role: aws.iam.Role, *statements: Allow, parent: Part) -> aws.iam.RolePolicy:
    """Let `role` do what the statements say, under the name of the edge that it is in the diagram."""
    return aws.iam.RolePolicy(
        parent.named(edge), role=role.id, policy=document(*statements), opts=pulumi.ResourceOptions(parent=parent)
    )


def grant_log(edge: str, role: aws.iam.Role, log: aws.cloudwatch.LogGroup, *, parent: Part) -> aws.iam.RolePolicy:
    """Let `role` write into `log`, which is there already: it may not make one."""
    streams = pulumi.Output.concat(log.arn, ":*")
    return grant(edge, role, Allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams), parent=parent)


def account_id(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Return the number of the account that the program deploys to."""
    return aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id


def send_for(
    source_arn: pulumi.Input[str], service: str, queue_arn: pulumi.Input[str], *, parent: Part
) -> AllowPrincipal:
    """Return the statement that lets a service of AWS's send to a queue for one resource of this account."""
    return AllowPrincipal(
        ["sqs:SendMessage"],
        queue_arn,
        principal={"Service": service},
        condition={
            "ArnEquals": {"aws:SourceArn": source_arn},
            "StringEquals": {"aws:SourceAccount": account_id(parent)},
        },
    )


def publish_for_alarms(topic_arn: pulumi.Input[str], account: pulumi.Input[str]) -> AllowPrincipal:
    """Return the statement that lets the alarms of an account notify a topic."""
    return AllowPrincipal(
        ["sns:Publish"],
        topic_arn,
        principal={"Service": "cloudwatch.amazonaws.com"},
        condition={"StringEquals": {"aws:SourceAccount": account}},
    )
