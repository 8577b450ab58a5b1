"""Distributions, and the access controls of their origins."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from local.provision.kinds import Kind, Made, Nested, Order, Table, tag_list
from local.provision.services.cloudfront.lists import counted

if TYPE_CHECKING:
    from local.cloud import Cloud


def _make_access_control(cloud: Cloud, order: Order) -> Made:
    answer = cloud.client("cloudfront").create_origin_access_control(OriginAccessControlConfig=order.request)
    return Made(answer["OriginAccessControl"]["Id"])


def _make_distribution(cloud: Cloud, order: Order) -> Made:
    config = dict(order.request)
    tags = tag_list(config.pop("Tags", {}))
    config["Aliases"] = counted(config.get("Aliases", []))
    config["Origins"] = counted([_origin(origin) for origin in config["Origins"]])
    config["DefaultCacheBehavior"] = _behavior(config["DefaultCacheBehavior"])
    config["CacheBehaviors"] = counted([_behavior(behavior) for behavior in config.get("CacheBehaviors", [])])
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


def _remove_distribution(cloud: Cloud, _order: Order, id_: str) -> None:
    """Disable it first: CloudFront deletes no other.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToDeleteDistribution.html
    """
    client = cloud.client("cloudfront")
    found = client.get_distribution(Id=id_)
    config = {**found["Distribution"]["DistributionConfig"], "Enabled": False}
    disabled = client.update_distribution(Id=id_, IfMatch=found["ETag"], DistributionConfig=config)
    client.delete_distribution(Id=id_, IfMatch=disabled["ETag"])


def _origin(origin: dict[str, Any]) -> dict[str, Any]:
    """An origin without a configuration of its own is a bucket."""
    origin = {**origin, "CustomHeaders": counted(origin.get("CustomHeaders", []))}
    custom = origin.get("CustomOriginConfig")
    if custom is None:
        return {**origin, "S3OriginConfig": {"OriginAccessIdentity": ""}}
    return {**origin, "CustomOriginConfig": {**custom, "OriginSslProtocols": counted(custom["OriginSslProtocols"])}}


def _behavior(behavior: dict[str, Any]) -> dict[str, Any]:
    rest = dict(behavior)
    cached, allowed = rest.pop("CachedMethods"), rest.pop("AllowedMethods")
    return {
        **rest,
        "AllowedMethods": {**counted(allowed), "CachedMethods": counted(cached)},
        "FunctionAssociations": counted(rest.get("FunctionAssociations", [])),
    }


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
    "functionAssociations": Nested("FunctionAssociations", {"eventType": "EventType", "functionArn": "FunctionARN"}),
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
