"""Every property of a distribution's policies, functions and behaviours arrives in the emulator, read back through CloudFront's own API."""

from __future__ import annotations

import pytest

from local.errors import Refused
from local.provision.services.cloudfront.functions import MOST_BYTES
from tests.local.provision.properties import TAG_LIST, TAGS, contains, make

CACHE_POLICY = "aws:cloudfront/cachePolicy:CachePolicy"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:cloudfront/function:Function"
HEADERS_POLICY = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
CODE = "function handler(event) { return event.request; }"


@pytest.fixture
def cloudfront(cloud):
    """Return the client."""
    return cloud.client("cloudfront")


def test_a_cache_policy_has_its_times_and_its_key(shop, cloudfront):
    """CachePolicy: name, minTtl, defaultTtl, maxTtl, parametersInCacheKeyAndForwardedToOrigin."""
    made = make(
        shop,
        CACHE_POLICY,
        "by-version",
        name="by-version-1",
        minTtl=1,
        defaultTtl=2,
        maxTtl=3,
        parametersInCacheKeyAndForwardedToOrigin={
            "queryStringsConfig": {"queryStringBehavior": "whitelist", "queryStrings": {"items": ["v"]}},
            "headersConfig": {"headerBehavior": "none"},
            "cookiesConfig": {"cookieBehavior": "none"},
            "enableAcceptEncodingGzip": False,
            "enableAcceptEncodingBrotli": False,
        },
    )
    expected = {
        "Name": "by-version-1",
        "MinTTL": 1,
        "DefaultTTL": 2,
        "MaxTTL": 3,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": False,
            "EnableAcceptEncodingBrotli": False,
            "HeadersConfig": {"HeaderBehavior": "none"},
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {
                "QueryStringBehavior": "whitelist",
                "QueryStrings": {"Quantity": 1, "Items": ["v"]},
            },
        },
    }
    contains(cloudfront.get_cache_policy_config(Id=made["id"])["CachePolicyConfig"], expected)


def test_a_cache_policy_may_have_no_parameter_in_its_key(shop, cloudfront):
    """Where every request for a path is the same."""
    made = shop.make(
        CACHE_POLICY,
        "by-path",
        minTtl=0,
        parametersInCacheKeyAndForwardedToOrigin={
            "queryStringsConfig": {"queryStringBehavior": "none"},
            "headersConfig": {"headerBehavior": "none"},
            "cookiesConfig": {"cookieBehavior": "none"},
            "enableAcceptEncodingGzip": True,
        },
    )
    config = cloudfront.get_cache_policy_config(Id=made["id"])["CachePolicyConfig"]
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]
    assert (key["QueryStringsConfig"]["QueryStringBehavior"], key["EnableAcceptEncodingGzip"]) == ("none", True)


def test_a_headers_policy_has_its_cors(shop, cloudfront):
    """ResponseHeadersPolicy: corsConfig; the other headers are those that the page is served with."""
    made = shop.make(
        HEADERS_POLICY,
        "headers",
        securityHeadersConfig={"contentTypeOptions": {"override": True}},
        corsConfig={
            "accessControlAllowCredentials": False,
            "accessControlAllowHeaders": {"items": ["Range"]},
            "accessControlAllowMethods": {"items": ["GET", "HEAD"]},
            "accessControlAllowOrigins": {"items": ["https://www.example.org"]},
            "originOverride": True,
        },
    )
    config = cloudfront.get_response_headers_policy_config(Id=made["id"])["ResponseHeadersPolicyConfig"]
    contains(
        config["CorsConfig"],
        {
            "AccessControlAllowCredentials": False,
            "AccessControlAllowHeaders": {"Quantity": 1, "Items": ["Range"]},
            "AccessControlAllowMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
            "AccessControlAllowOrigins": {"Quantity": 1, "Items": ["https://www.example.org"]},
            "OriginOverride": True,
        },
    )
    assert config["SecurityHeadersConfig"] == {"ContentTypeOptions": {"Override": True}}


def test_a_function_is_published_with_its_code_and_tags(shop, cloudfront):
    """Function: name, runtime, code, publish, tags."""
    made = make(shop, FUNCTION, "f", name="f-1", runtime="cloudfront-js-2.0", code=CODE, publish=True, tags=TAGS)
    live = cloudfront.describe_function(Name="f-1", Stage="LIVE")["FunctionSummary"]
    assert live["FunctionMetadata"]["FunctionARN"] == made["arn"]
    assert live["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert cloudfront.get_function(Name="f-1", Stage="LIVE")["FunctionCode"].read().decode() == CODE
    assert cloudfront.list_tags_for_resource(Resource=made["arn"])["Tags"]["Items"] == TAG_LIST


def test_a_function_that_is_not_published_serves_nobody(shop, cloudfront):
    """It has no live stage."""
    shop.make(FUNCTION, "f", name="f-2", runtime="cloudfront-js-2.0", code=CODE, publish=False)
    with pytest.raises(cloudfront.exceptions.NoSuchFunctionExists):
        cloudfront.describe_function(Name="f-2", Stage="LIVE")


def test_a_function_that_is_too_long_is_refused(shop):
    """As by CloudFront."""
    with pytest.raises(Refused, match=rf"{MOST_BYTES + 1} bytes: CloudFront takes {MOST_BYTES}"):
        shop.make(FUNCTION, "f", runtime="cloudfront-js-2.0", code="/" * (MOST_BYTES + 1), publish=True)


def test_a_distribution_s_behaviour_names_its_functions(shop, cloudfront):
    """Distribution: functionAssociations; they end before the functions do."""
    function = shop.make(FUNCTION, "f", name="f-3", runtime="cloudfront-js-2.0", code=CODE, publish=True)
    made = shop.make(
        DISTRIBUTION,
        "d",
        enabled=True,
        comment="",
        origins=[{"originId": "o", "domainName": "b.s3.eu-central-1.amazonaws.com"}],
        defaultCacheBehavior={
            "targetOriginId": "o",
            "viewerProtocolPolicy": "https-only",
            "allowedMethods": ["GET", "HEAD"],
            "cachedMethods": ["GET", "HEAD"],
            "functionAssociations": [{"eventType": "viewer-request", "functionArn": function["arn"]}],
        },
        restrictions={"geoRestriction": {"restrictionType": "none"}},
        viewerCertificate={"cloudfrontDefaultCertificate": True},
    )
    config = cloudfront.get_distribution_config(Id=made["id"])["DistributionConfig"]
    contains(
        config["DefaultCacheBehavior"]["FunctionAssociations"],
        {"Quantity": 1, "Items": [{"EventType": "viewer-request", "FunctionARN": function["arn"]}]},
    )
    shop.provisioner.destroy()
    with pytest.raises(cloudfront.exceptions.NoSuchFunctionExists):
        cloudfront.describe_function(Name="f-3", Stage="LIVE")
