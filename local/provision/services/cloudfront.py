"""Distributions, origin access controls, and the headers that distributions add."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from local.loopback import on_loopback
from local.provision.kinds import Kind, Made, Nested, Order, Table, tag_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.cloud import Cloud


def _make_access_control(cloud: Cloud, order: Order) -> Made:
    answer = cloud.client("cloudfront").create_origin_access_control(OriginAccessControlConfig=order.request)
    return Made(answer["OriginAccessControl"]["Id"])


def _make_headers_policy(cloud: Cloud, order: Order) -> Made:
    config = dict(order.request)
    custom = config.pop("CustomHeadersConfig", {"Items": []})
    security = config["SecurityHeadersConfig"]
    csp = security["ContentSecurityPolicy"]
    security["ContentSecurityPolicy"] = {
        **csp,
        "ContentSecurityPolicy": on_loopback(csp["ContentSecurityPolicy"], cloud),
    }
    answer = cloud.client("cloudfront").create_response_headers_policy(
        ResponseHeadersPolicyConfig={**config, "CustomHeadersConfig": _counted(custom["Items"])}
    )
    return Made(answer["ResponseHeadersPolicy"]["Id"])


def _make_distribution(cloud: Cloud, order: Order) -> Made:
    config = dict(order.request)
    tags = tag_list(config.pop("Tags", {}))
    config["Aliases"] = _counted(config.get("Aliases", []))
    config["Origins"] = _counted([_origin(origin) for origin in config["Origins"]])
    config["DefaultCacheBehavior"] = _behavior(config["DefaultCacheBehavior"])
    config["CacheBehaviors"] = _counted([_behavior(behavior) for behavior in config.get("CacheBehaviors", [])])
    config["Restrictions"] = {"GeoRestriction": {**config["Restrictions"]["GeoRestriction"], "Quantity": 0}}
    answer = cloud.client("cloudfront").create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": {**config, "CallerReference": secrets.token_hex(8)},
            "Tags": {"Items": tags},
        }
    )["Distribution"]
    return Made(answer["Id"], {"arn": answer["ARN"], "domainName": answer["DomainName"]})


def _remove_access_control(cloud: Cloud, _order: Order, id_: str) -> None:
    client = cloud.client("cloudfront")
    client.delete_origin_access_control(Id=id_, IfMatch=client.get_origin_access_control(Id=id_)["ETag"])


def _remove_headers_policy(cloud: Cloud, _order: Order, id_: str) -> None:
    client = cloud.client("cloudfront")
    client.delete_response_headers_policy(Id=id_, IfMatch=client.get_response_headers_policy(Id=id_)["ETag"])


def _remove_distribution(cloud: Cloud, _order: Order, id_: str) -> None:
    """Disable it first: CloudFront deletes no other.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html
    """
    client = cloud.client("cloudfront")
    found = client.get_distribution_config(Id=id_)
    config = {**found["DistributionConfig"], "Enabled": False}
    disabled = client.update_distribution(Id=id_, IfMatch=found["ETag"], DistributionConfig=config)
    client.delete_distribution(Id=id_, IfMatch=disabled["ETag"])


def _origin(origin: dict[str, Any]) -> dict[str, Any]:
    """An origin without a configuration of its own is a bucket."""
    origin = {**origin, "CustomHeaders": _counted(origin.get("CustomHeaders", []))}
    custom = origin.get("CustomOriginConfig")
    if custom is None:
        return {**origin, "S3OriginConfig": {"OriginAccessIdentity": ""}}
    return {**origin, "CustomOriginConfig": {**custom, "OriginSslProtocols": _counted(custom["OriginSslProtocols"])}}


def _behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    rest = dict(behavior)
    cached, allowed = rest.pop("CachedMethods"), rest.pop("AllowedMethods")
    return {**rest, "AllowedMethods": {**_counted(allowed), "CachedMethods": _counted(cached)}}


def _counted(items: Sequence[Any]) -> dict[str, Any]:
    """CloudFront's lists say how long they are."""
    return {"Quantity": len(items), "Items": list(items)}


_BEHAVIOR: Final[Table] = {
    "pathPattern": "PathPattern",
    "targetOriginId": "TargetOriginId",
    "viewerProtocolPolicy": "ViewerProtocolPolicy",
    "allowedMethods": "AllowedMethods",
    "cachedMethods": "CachedMethods",
    "compress": "Compress",
    "cachePolicyId": "CachePolicyId",
    "originRequestPolicyId": "OriginRequestPolicyId",
    "responseHeadersPolicyId": "ResponseHeadersPolicyId",
}
_ORIGIN: Final[Table] = {
    "originId": "Id",
    "domainName": "DomainName",
    "originAccessControlId": "OriginAccessControlId",
    "customHeaders": Nested("CustomHeaders", {"name": "HeaderName", "value": "HeaderValue"}),
    "customOriginConfig": Nested(
        "CustomOriginConfig",
        {
            "httpPort": "HTTPPort",
            "httpsPort": "HTTPSPort",
            "originProtocolPolicy": "OriginProtocolPolicy",
            "originSslProtocols": "OriginSslProtocols",
        },
    ),
}
_SECURITY_HEADERS: Final[Table] = {
    "contentSecurityPolicy": Nested(
        "ContentSecurityPolicy", {"contentSecurityPolicy": "ContentSecurityPolicy", "override": "Override"}
    ),
    "contentTypeOptions": Nested("ContentTypeOptions", {"override": "Override"}),
    "frameOptions": Nested("FrameOptions", {"frameOption": "FrameOption", "override": "Override"}),
    "referrerPolicy": Nested("ReferrerPolicy", {"referrerPolicy": "ReferrerPolicy", "override": "Override"}),
    "strictTransportSecurity": Nested(
        "StrictTransportSecurity",
        {
            "accessControlMaxAgeSec": "AccessControlMaxAgeSec",
            "includeSubdomains": "IncludeSubdomains",
            "override": "Override",
        },
    ),
}

ACCESS_CONTROL: Final = Kind(
    {
        "name": "Name",
        "originAccessControlOriginType": "OriginAccessControlOriginType",
        "signingBehavior": "SigningBehavior",
        "signingProtocol": "SigningProtocol",
    },
    _make_access_control,
    named_by="name",
    remove=_remove_access_control,
)
HEADERS_POLICY: Final = Kind(
    {
        "name": "Name",
        "securityHeadersConfig": Nested("SecurityHeadersConfig", _SECURITY_HEADERS),
        "customHeadersConfig": Nested(
            "CustomHeadersConfig",
            {"items": Nested("Items", {"header": "Header", "value": "Value", "override": "Override"})},
        ),
    },
    _make_headers_policy,
    named_by="name",
    remove=_remove_headers_policy,
)
DISTRIBUTION: Final = Kind(
    {
        "enabled": "Enabled",
        "comment": "Comment",
        "isIpv6Enabled": "IsIPV6Enabled",
        "httpVersion": "HttpVersion",
        "priceClass": "PriceClass",
        "defaultRootObject": "DefaultRootObject",
        "aliases": "Aliases",
        "origins": Nested("Origins", _ORIGIN),
        "defaultCacheBehavior": Nested("DefaultCacheBehavior", _BEHAVIOR),
        "orderedCacheBehaviors": Nested("CacheBehaviors", _BEHAVIOR),
        "restrictions": Nested(
            "Restrictions", {"geoRestriction": Nested("GeoRestriction", {"restrictionType": "RestrictionType"})}
        ),
        "viewerCertificate": Nested(
            "ViewerCertificate", {"cloudfrontDefaultCertificate": "CloudFrontDefaultCertificate"}
        ),
        "tags": "Tags",
    },
    _make_distribution,
    remove=_remove_distribution,
)
