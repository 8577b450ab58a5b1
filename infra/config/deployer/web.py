"""The actions that delivery and the upload page take, by type of resource, as `pipeline.py` has those of the rest."""

from __future__ import annotations

from typing import Final

from infra.config.deployer.need import ANY, BUCKET, FILES, LOG, OBJECT, Rows, on
from infra.page.firewall import REGION as FIREWALL_REGION

_CLOUDFRONT: Final = "arn:aws:cloudfront::{account}:"
_GATEWAY: Final = "arn:aws:apigateway:{region}::/"
_WEB_ACL: Final = f"arn:aws:wafv2:{FIREWALL_REGION}:{{account}}:global/webacl/{{prefix}}-*/*"
_RULE_GROUPS: Final = f"arn:aws:wafv2:{FIREWALL_REGION}:{{account}}:global/managedruleset/*"
"""AWS asks for it without a name, where an ACL has a rule group of AWS's (aws-samples/amazon-cloudfront-waf-secretsmanager#3)."""
_GATEWAY_S_ROLE: Final = (
    "arn:aws:iam::{account}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"
)
_OF_GATEWAY: Final = ("StringEquals", "iam:AWSServiceName", "ops.apigateway.amazonaws.com")
_REST: Final = "apigateway:GET POST PUT PATCH DELETE"
"""API Gateway's actions are verbs on paths: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html"""
_API: Final = (on(f"{_GATEWAY}apis", "apigateway:POST"), on(f"{_GATEWAY}apis/*", _REST))
_ITS_TAGS: Final = on(f"{_GATEWAY}tags/*", _REST)

CLOUDFRONT: Final[Rows] = {
    "aws:cloudfront/distribution:Distribution": (
        on(ANY, "cloudfront:CreateDistribution"),
        on(
            f"{_CLOUDFRONT}distribution/*",
            "cloudfront:GetDistribution UpdateDistribution DeleteDistribution TagResource UntagResource"
            " ListTagsForResource",
        ),
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": (
        on(ANY, "cloudfront:CreateOriginAccessControl"),
        on(
            f"{_CLOUDFRONT}origin-access-control/*",
            "cloudfront:GetOriginAccessControl UpdateOriginAccessControl DeleteOriginAccessControl",
        ),
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": (
        on(ANY, "cloudfront:CreateResponseHeadersPolicy"),
        on(
            f"{_CLOUDFRONT}response-headers-policy/*",
            "cloudfront:GetResponseHeadersPolicy UpdateResponseHeadersPolicy DeleteResponseHeadersPolicy",
        ),
    ),
}

DELIVERY: Final[Rows] = {
    "aws:cloudfront/cachePolicy:CachePolicy": (
        on(ANY, "cloudfront:CreateCachePolicy"),
        on(f"{_CLOUDFRONT}cache-policy/*", "cloudfront:GetCachePolicy UpdateCachePolicy DeleteCachePolicy"),
    ),
    "aws:cloudfront/function:Function": (
        on(ANY, "cloudfront:CreateFunction"),
        on(
            f"{_CLOUDFRONT}function/{{prefix}}-*",
            "cloudfront:DescribeFunction GetFunction UpdateFunction PublishFunction DeleteFunction TagResource"
            " UntagResource ListTagsForResource",
        ),
    ),
}
"""What delivery has besides: it keeps answers, and runs functions, as the page does not."""

PAGE: Final[Rows] = {
    "aws:apigateway/apiKey:ApiKey": (
        on(f"{_GATEWAY}apikeys", "apigateway:POST"),
        on(f"{_GATEWAY}apikeys/*", _REST),
        _ITS_TAGS,
    ),
    "aws:apigatewayv2/api:Api": (
        *_API,
        _ITS_TAGS,
        # An account's first API: https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
        on(_GATEWAY_S_ROLE, "iam:CreateServiceLinkedRole", _OF_GATEWAY),
    ),
    "aws:apigatewayv2/integration:Integration": _API,
    "aws:apigatewayv2/route:Route": _API,
    "aws:apigatewayv2/stage:Stage": (
        *_API,
        _ITS_TAGS,
        # For its access log: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
        on(
            ANY,
            "logs:CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy"
            " DescribeResourcePolicies",
        ),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": (
        on(LOG, "logs:PutMetricFilter DescribeMetricFilters DeleteMetricFilter"),
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": (on(BUCKET, "s3:GetBucketCORS PutBucketCORS"),),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        on(OBJECT, "s3:PutObject GetObject PutObjectTagging GetObjectTagging"),
        FILES,
        on(BUCKET, "s3:ListBucket ListBucketVersions"),
    ),
}

TOKENS: Final[Rows] = {"aws:apigatewayv2/authorizer:Authorizer": _API}
"""A page that takes the tokens of a sign-in."""

FIREWALL: Final[Rows] = {
    "aws:wafv2/webAcl:WebAcl": (
        on(
            _WEB_ACL,
            # CloudFront verifies that whoever names an ACL may read it (aws/aws-sdk-java#2901).
            "wafv2:CreateWebACL GetWebACL UpdateWebACL DeleteWebACL TagResource UntagResource ListTagsForResource",
        ),
        on(_RULE_GROUPS, "wafv2:CreateWebACL UpdateWebACL"),
    ),
}
