"""The CloudFront distribution: one HTTPS origin for the page and its API, with every security header on both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.delivery.bucket_origin import bucket_origin
from infra.delivery.certificate import Domain, aliases, https_origin, viewer_certificate
from infra.page.firewall import web_acl
from infra.page.site import INDEX
from infra.part import Part
from uploader.visitor import HEADER

if TYPE_CHECKING:
    from infra.page.site import Site
    from infra.storage.output_bucket import OutputBucket
    from infra.storage.source_bucket import SourceBucket

CACHING_OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""
ALL_VIEWER_EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""Every header but Host, which stays the API's own, or it would not know itself. Authorization is among them: CloudFront
forwards it where a policy forwards all headers, while none may name it
(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html):
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html"""
_TWO_YEARS: Final = 63_072_000
_READ: Final = ["GET", "HEAD"]
_EVERY_METHOD: Final = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
"""CloudFront has three sets of methods; POST is only in this one. What is not the API's it refuses itself."""
_PERMISSIONS: Final = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
)


@dataclass(frozen=True)
class DistributionArgs:
    """What the distribution needs to know.

    Attributes:
        prefix: Of the resources' names.
        domain: None for CloudFront's own name.
        hsts_subdomains: Whether HTTPS is for the domain's subdomains, too.
        requests_per_ip: Within five minutes from one address, before WAF blocks it; 0 for no WAF.
    """

    prefix: str
    domain: Domain | None
    hsts_subdomains: bool
    requests_per_ip: int


@dataclass(frozen=True)
class Origin:
    """The API behind `/api/*`: its host name, and the key that tells it which requests the distribution has sent."""

    host: pulumi.Input[str]
    key: pulumi.Input[str]


def content_security_policy(upload_origin: str, picture_origin: str) -> str:
    """Return the page's policy: its own scripts and styles, uploads to one host, pictures from one more.

    No inline script or style, no `eval`, no HTML from strings (trusted types), no frame around it, no form.
    """
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: {picture_origin}",
        "connect-src": f"'self' {upload_origin}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class Distribution(Part):
    """Serves `site`, and `/api/*` from `api`."""

    def __init__(
        self,
        name: str,
        args: DistributionArgs,
        site: Site,
        api: Origin,
        source: SourceBucket,
        output: OutputBucket,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("web:Distribution", name, opts)
        self._args = args
        self._headers = self._send_security_headers(source, output)
        self.distribution = aws.cloudfront.Distribution(
            f"{args.prefix}-{name}",
            enabled=True,
            comment="The upload page of the image pipeline.",
            is_ipv6_enabled=True,
            http_version="http2and3",
            price_class="PriceClass_100",
            default_root_object=INDEX,
            aliases=aliases(args.domain),
            origins=[
                bucket_origin("site", site.domain, f"{args.prefix}-page-reads-site", self._within),
                _api_origin(api),
            ],
            default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
                **self._behavior("site", "redirect-to-https", _READ, CACHING_OPTIMIZED)
            ),
            ordered_cache_behaviors=[
                aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
                    path_pattern="/api/*",
                    origin_request_policy_id=ALL_VIEWER_EXCEPT_HOST,
                    **self._behavior("api", "https-only", _EVERY_METHOD, CACHING_DISABLED),
                )
            ],
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate=viewer_certificate(args.domain),
            web_acl_id=web_acl(f"{args.prefix}-firewall", args.requests_per_ip, self) if args.requests_per_ip else None,
            opts=self._within,
        )
        self.arn = self.distribution.arn
        self.origin = https_origin(args.domain, self.distribution)
        self.register_outputs({"origin": self.origin})

    def _behavior(self, origin: str, protocol: str, methods: list[str], cache_policy: str) -> dict[str, Any]:
        return {
            "target_origin_id": origin,
            "viewer_protocol_policy": protocol,
            "allowed_methods": methods,
            "cached_methods": _READ,
            "compress": True,
            "cache_policy_id": cache_policy,
            "response_headers_policy_id": self._headers.id,
        }

    def _send_security_headers(
        self, source: SourceBucket, output: OutputBucket
    ) -> aws.cloudfront.ResponseHeadersPolicy:
        csp = pulumi.Output.all(source.origin, output.origin).apply(lambda both: content_security_policy(*both))
        custom = {
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": _PERMISSIONS,
        }
        return aws.cloudfront.ResponseHeadersPolicy(
            f"{self._args.prefix}-page-headers",
            security_headers_config={
                "content_security_policy": {"content_security_policy": csp, "override": True},
                "content_type_options": {"override": True},
                "frame_options": {"frame_option": "DENY", "override": True},
                "referrer_policy": {"referrer_policy": "no-referrer", "override": True},
                "strict_transport_security": {
                    "access_control_max_age_sec": _TWO_YEARS,
                    # Of a domain that has other hosts: one of them without HTTPS would be gone for two years
                    # (https://www.rfc-editor.org/rfc/rfc6797#section-6.1.2).
                    "include_subdomains": self._args.hsts_subdomains,
                    "override": True,
                },
            },
            custom_headers_config={
                "items": [{"header": name, "value": value, "override": True} for name, value in custom.items()]
            },
            opts=self._within,
        )


def _api_origin(api: Origin) -> aws.cloudfront.DistributionOriginArgs:
    return aws.cloudfront.DistributionOriginArgs(
        origin_id="api",
        domain_name=api.host,
        custom_headers=[aws.cloudfront.DistributionOriginCustomHeaderArgs(name=HEADER, value=api.key)],
        custom_origin_config=aws.cloudfront.DistributionOriginCustomOriginConfigArgs(
            http_port=80, https_port=443, origin_protocol_policy="https-only", origin_ssl_protocols=["TLSv1.2"]
        ),
    )
