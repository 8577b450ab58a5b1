"""Cache policies, and policies of the headers that distributions add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from local.loopback import on_loopback
from local.provision.kinds import Kind, Made, Nested, Order, Table
from local.provision.services.cloudfront.lists import counted

if TYPE_CHECKING:
    from local.cloud import Cloud

_KEY: Final = "ParametersInCacheKeyAndForwardedToOrigin"
_CORS_LISTS: Final = ("AccessControlAllowHeaders", "AccessControlAllowMethods", "AccessControlAllowOrigins")


def _make_cache_policy(cloud: Cloud, order: Order) -> Made:
    config = dict(order.request)
    key = config[_KEY] = dict(config[_KEY])
    query = key["QueryStringsConfig"] = dict(key["QueryStringsConfig"])
    if "QueryStrings" in query:
        query["QueryStrings"] = counted(query["QueryStrings"]["Items"])
    answer = cloud.client("cloudfront").create_cache_policy(CachePolicyConfig=config)
    return Made(answer["CachePolicy"]["Id"])


def _remove_cache_policy(cloud: Cloud, _order: Order, id_: str) -> None:
    client = cloud.client("cloudfront")
    client.delete_cache_policy(Id=id_, IfMatch=client.get_cache_policy(Id=id_)["ETag"])


def _make_headers_policy(cloud: Cloud, order: Order) -> Made:
    config = dict(order.request)
    config["CustomHeadersConfig"] = counted(config.get("CustomHeadersConfig", {"Items": []})["Items"])
    security: dict[str, Any] = config["SecurityHeadersConfig"]
    if csp := security.get("ContentSecurityPolicy"):
        text = on_loopback(csp["ContentSecurityPolicy"], cloud)
        config["SecurityHeadersConfig"] = {**security, "ContentSecurityPolicy": {**csp, "ContentSecurityPolicy": text}}
    if cors := config.get("CorsConfig"):
        config["CorsConfig"] = {**cors, **{name: counted(cors[name]["Items"]) for name in _CORS_LISTS}}
    answer = cloud.client("cloudfront").create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    return Made(answer["ResponseHeadersPolicy"]["Id"])


def _remove_headers_policy(cloud: Cloud, _order: Order, id_: str) -> None:
    client = cloud.client("cloudfront")
    client.delete_response_headers_policy(Id=id_, IfMatch=client.get_response_headers_policy(Id=id_)["ETag"])


_ITEMS: Final[Table] = {"items": "Items"}
_PARAMETERS: Final[Table] = {
    "queryStringsConfig": Nested(
        "QueryStringsConfig",
        {"queryStringBehavior": "QueryStringBehavior", "queryStrings": Nested("QueryStrings", _ITEMS)},
    ),
    "headersConfig": Nested("HeadersConfig", {"headerBehavior": "HeaderBehavior"}),
    "cookiesConfig": Nested("CookiesConfig", {"cookieBehavior": "CookieBehavior"}),
    "enableAcceptEncodingGzip": "EnableAcceptEncodingGzip",
    "enableAcceptEncodingBrotli": "EnableAcceptEncodingBrotli",
}
_CORS: Final[Table] = {
    "accessControlAllowCredentials": "AccessControlAllowCredentials",
    "accessControlAllowHeaders": Nested("AccessControlAllowHeaders", _ITEMS),
    "accessControlAllowMethods": Nested("AccessControlAllowMethods", _ITEMS),
    "accessControlAllowOrigins": Nested("AccessControlAllowOrigins", _ITEMS),
    "originOverride": "OriginOverride",
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
CACHE_POLICY: Final = Kind(
    {
        "name": "Name",
        "minTtl": "MinTTL",
        "defaultTtl": "DefaultTTL",
        "maxTtl": "MaxTTL",
        "parametersInCacheKeyAndForwardedToOrigin": Nested(_KEY, _PARAMETERS),
    },
    _make_cache_policy,
    named_by="name",
    remove=_remove_cache_policy,
)
HEADERS_POLICY: Final = Kind(
    {
        "name": "Name",
        "corsConfig": Nested("CorsConfig", _CORS),
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
