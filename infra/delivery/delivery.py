"""The distribution that serves renditions to everybody, from the private output bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.access.policies import DenyPlainHttp, size_of
from infra.delivery.bucket_origin import bucket_origin, readable_by
from infra.delivery.caching import cache_policy, edge_functions
from infra.delivery.certificate import Domain, aliases, https_origin, viewer_certificate
from infra.part import Part
from worker.contracts.recipes.specs import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.storage.output_bucket import OutputBucket

MOST_POLICY: Final = 20 * 1024
"""Bytes of a bucket's policy: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-iam-policies.html"""
_DISTRIBUTION: Final = "arn:aws:cloudfront::123456789012:distribution/E1234567890ABC"
"""As long as any distribution's ARN."""
_READ: Final = ["GET", "HEAD"]


@dataclass(frozen=True)
class DeliveryArgs:
    """What delivery needs to know.

    Attributes:
        prefix: Of the resources' names.
        renditions: Names of those that are served: all.
        manifests: Whether manifests are served, too.
        origins: Web origins whose scripts may read what is served; `*` for all.
        domain: None for CloudFront's own name.
        price_class: Where CloudFront serves from.
    """

    prefix: str
    renditions: Sequence[str]
    manifests: bool
    origins: Sequence[str]
    domain: Domain | None
    price_class: str


def policy_size(args: DeliveryArgs, arn: str) -> int:
    """Return the bytes of the policy that the output bucket, with this ARN, has with delivery; it takes `MOST_POLICY` of them."""
    reader = readable_by(_DISTRIBUTION, [f"{arn}{each}" for each in _served(args)])
    return size_of(reader, DenyPlainHttp("s3:*", [arn, f"{arn}/*"]))


def _served(args: DeliveryArgs) -> list[str]:
    return [f"/{folder}/*" for folder in (*args.renditions, *([MANIFEST] if args.manifests else []))]


class Delivery(Part):
    """Serves what is in `output`.

    Attributes:
        url: `https://` and the host.
        id: Of the distribution.
        reader: The statement of the bucket's policy that it needs.
        environment: What the worker has to know of it.
    """

    def __init__(
        self, name: str, args: DeliveryArgs, output: OutputBucket, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("delivery:Delivery", name, opts)
        distribution = self._distribute(f"{args.prefix}-{name}", args, output)
        # No s3:ListBucket: CloudFront could be asked for the list. What is missing is a 403 then.
        self.reader = readable_by(distribution.arn, [pulumi.Output.concat(output.arn, each) for each in _served(args)])
        self.id, self.url = distribution.id, https_origin(args.domain, distribution)
        self.environment = {"DELIVERY_ORIGIN": self.url}
        self.register_outputs({"url": self.url})

    def _distribute(self, full_name: str, args: DeliveryArgs, output: OutputBucket) -> aws.cloudfront.Distribution:
        return aws.cloudfront.Distribution(
            full_name,
            enabled=True,
            comment="The renditions of the image pipeline.",
            is_ipv6_enabled=True,
            http_version="http2and3",
            price_class=args.price_class,
            aliases=aliases(args.domain),
            origins=[bucket_origin("output", output.domain, f"{full_name}-reads-output", self._within)],
            default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
                target_origin_id="output",
                viewer_protocol_policy="redirect-to-https",
                allowed_methods=_READ,
                cached_methods=_READ,
                compress=False,
                cache_policy_id=cache_policy(f"{full_name}-by-version", self._within).id,
                response_headers_policy_id=self._send_headers(f"{full_name}-headers", args.origins).id,
                function_associations=edge_functions(full_name, self._within),
            ),
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate=viewer_certificate(args.domain),
            opts=self._within,
        )

    def _send_headers(self, full_name: str, origins: Sequence[str]) -> aws.cloudfront.ResponseHeadersPolicy:
        """Let every page show the pictures, and scripts of `origins` read them; no picture is taken for anything else."""
        cors: aws.cloudfront.ResponseHeadersPolicyCorsConfigArgsDict = {
            "access_control_allow_credentials": False,
            # Required, and for preflights alone, which take OPTIONS: that is refused.
            "access_control_allow_headers": {"items": ["Range"]},
            "access_control_allow_methods": {"items": _READ},
            "access_control_allow_origins": {"items": list(origins)},
            "origin_override": True,
        }
        return aws.cloudfront.ResponseHeadersPolicy(
            full_name,
            cors_config=cors if origins else None,
            security_headers_config={"content_type_options": {"override": True}},
            custom_headers_config={
                "items": [{"header": "Cross-Origin-Resource-Policy", "value": "cross-origin", "override": True}]
            },
            opts=self._within,
        )
