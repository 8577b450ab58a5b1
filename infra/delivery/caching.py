"""How the edge keeps answers, and what it tells browsers of them: a cache policy, and two functions that run for every request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pulumi_aws as aws

if TYPE_CHECKING:
    import pulumi

VERSION: Final = "v"
"""The one parameter of an address."""
YEAR: Final = 31_536_000
_EVENTS: Final = ("viewer-request", "viewer-response")


def cache_policy(name: str, opts: pulumi.ResourceOptions) -> aws.cloudfront.CachePolicy:
    """Keep every answer for a year, by path and version, whatever Cache-Control the object has.

    An error is kept for ten seconds at most, a missing picture's 403 not at all
    (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html). Without Accept-Encoding in the key
    nothing is compressed: pictures are, and each would be kept three times.
    """
    return aws.cloudfront.CachePolicy(
        name,
        min_ttl=YEAR,
        default_ttl=YEAR,
        max_ttl=YEAR,
        parameters_in_cache_key_and_forwarded_to_origin={
            "query_strings_config": {"query_string_behavior": "whitelist", "query_strings": {"items": [VERSION]}},
            "headers_config": {"header_behavior": "none"},
            "cookies_config": {"cookie_behavior": "none"},
            "enable_accept_encoding_gzip": False,
            "enable_accept_encoding_brotli": False,
        },
        opts=opts,
    )


def edge_functions(
    prefix: str, opts: pulumi.ResourceOptions
) -> list[aws.cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs]:
    """Return the associations of both functions.

    The second runs after the headers policy, and for no error
    (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html).
    """
    return [
        aws.cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs(
            event_type=event, function_arn=_function(f"{prefix}-{event.removeprefix('viewer-')}", event, opts).arn
        )
        for event in _EVENTS
    ]


def source_of(event: str) -> str:
    """Return the source of the function for `event`."""
    return Path(__file__).with_name(f"{event.replace('-', '_')}.js").read_text("utf-8")


def _function(name: str, event: str, opts: pulumi.ResourceOptions) -> aws.cloudfront.Function:
    # A name has 64 characters at most, those that Pulumi appends included.
    return aws.cloudfront.Function(name, runtime="cloudfront-js-2.0", code=source_of(event), publish=True, opts=opts)
