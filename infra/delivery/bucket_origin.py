"""A private bucket behind a distribution, which signs its requests (origin access control).

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from infra.access.policies import AllowPrincipal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi


def bucket_origin(
    label: str, domain: pulumi.Input[str], edge: str, opts: pulumi.ResourceOptions
) -> aws.cloudfront.DistributionOriginArgs:
    """Return the origin that the bucket at the host `domain` is; `edge` names the access control."""
    access = aws.cloudfront.OriginAccessControl(
        edge,
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
        opts=opts,
    )
    return aws.cloudfront.DistributionOriginArgs(
        origin_id=label, domain_name=domain, origin_access_control_id=access.id
    )


def readable_by(distribution_arn: pulumi.Input[str], objects: Sequence[pulumi.Input[str]]) -> AllowPrincipal:
    """Return the statement of the bucket's policy that lets one distribution read `objects`, which are ARNs, and list nothing."""
    return AllowPrincipal(
        ["s3:GetObject"],
        objects,
        principal={"Service": "cloudfront.amazonaws.com"},
        condition={"StringEquals": {"AWS:SourceArn": distribution_arn}},
    )
