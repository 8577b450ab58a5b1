"""The IAM actions that a deployment takes, by type of resource: to create, read (`pulumi refresh`), update and delete it.

Which requests a type takes: https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service, which pulumi-aws is made of.
Which action a request needs, and which resources the action takes: https://docs.aws.amazon.com/service-authorization/latest/reference/.
What has a name of the stack's is narrowed to it. `ANY` and other `*` stand where an action takes no resource, or only one with an
identifier that AWS draws.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from infra.page.firewall import REGION as FIREWALL_REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY: Final = "*"
_BUCKET: Final = "arn:aws:s3:::{prefix}-*"
_OBJECT: Final = "arn:aws:s3:::{prefix}-*/*"
_QUEUE: Final = "arn:aws:sqs:{region}:{account}:{prefix}-*"
_TOPIC: Final = "arn:aws:sns:{region}:{account}:{prefix}-*"
_ROLE: Final = "arn:aws:iam::{account}:role/{prefix}-*"
_LOG: Final = "arn:aws:logs:{region}:{account}:log-group:{prefix}-*"

_PARAMETER: Final = "arn:aws:ssm:{region}:{account}:parameter/{prefix}-*"
_FUNCTION: Final = "arn:aws:lambda:{region}:{account}:function:{prefix}-*"
_MAPPING: Final = "arn:aws:lambda:{region}:{account}:event-source-mapping:*"
_ALARM: Final = "arn:aws:cloudwatch:{region}:{account}:alarm:{prefix}-*"
_DASHBOARD: Final = "arn:aws:cloudwatch::{account}:dashboard/{prefix}-*"
_RULE: Final = "arn:aws:events:{region}:{account}:rule/{prefix}-*"
_CLOUDFRONT: Final = "arn:aws:cloudfront::{account}:"
_GATEWAY: Final = "arn:aws:apigateway:{region}::/"
_WEB_ACL: Final = f"arn:aws:wafv2:{FIREWALL_REGION}:{{account}}:global/webacl/{{prefix}}-*/*"
_RULE_GROUPS: Final = f"arn:aws:wafv2:{FIREWALL_REGION}:{{account}}:global/managedruleset/*"
"""AWS asks for it without a name, where an ACL has a rule group of AWS's (aws-samples/amazon-cloudfront-waf-secretsmanager#3)."""
_GATEWAY_S_ROLE: Final = (
    "arn:aws:iam::{account}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"
)


@dataclass(frozen=True)
class Need:
    """Actions on a resource.

    Attributes:
        resource: Its ARN, with `{prefix}`, `{region}` and `{account}` to be filled in; or `ANY`.
        actions: Such as `s3:GetBucketAcl`.
        condition: Under which they are needed, with places to be filled in as well: operator, key and value.
    """

    resource: str
    actions: tuple[str, ...]
    condition: tuple[str, str, str] | None = field(default=None)


Rows = dict[str, tuple[Need, ...]]


def _on(resource: str, actions: str, condition: tuple[str, str, str] | None = None) -> Need:
    """Return a need from a text such as `s3:GetBucketAcl PutBucketAcl`."""
    service, _, names = actions.partition(":")
    return Need(resource, tuple(f"{service}:{name}" for name in names.split()), condition)


_QUEUE_ATTRIBUTES: Final = (_on(_QUEUE, "sqs:GetQueueAttributes SetQueueAttributes"),)
_ON_LAMBDA: Final = ("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")
_OF_GATEWAY: Final = ("StringEquals", "iam:AWSServiceName", "ops.apigateway.amazonaws.com")
_OF_FUNCTION: Final = ("ArnLike", "lambda:FunctionArn", _FUNCTION)
_FILES: Final = _on(_OBJECT, "s3:DeleteObject DeleteObjectVersion")

ALWAYS: Final[Rows] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": (
        # CloudWatch wants these on everything: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
        _on(ANY, "cloudwatch:PutCompositeAlarm DescribeAlarms DeleteAlarms"),
        _on(_ALARM, "cloudwatch:TagResource UntagResource ListTagsForResource"),
    ),
    "aws:cloudwatch/dashboard:Dashboard": (_on(_DASHBOARD, "cloudwatch:PutDashboard GetDashboard DeleteDashboards"),),
    "aws:cloudwatch/logGroup:LogGroup": (
        _on(
            _LOG,
            "logs:CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy TagResource UntagResource"
            " ListTagsForResource",
        ),
        _on(ANY, "logs:DescribeLogGroups"),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        _on(ANY, "cloudwatch:DescribeAlarms DeleteAlarms"),
        _on(_ALARM, "cloudwatch:PutMetricAlarm TagResource UntagResource ListTagsForResource"),
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": (
        _on(ANY, "logs:PutQueryDefinition DescribeQueryDefinitions DeleteQueryDefinition"),
    ),
    "aws:iam/role:Role": (
        _on(
            _ROLE,
            "iam:CreateRole GetRole UpdateRole UpdateAssumeRolePolicy DeleteRole ListRolePolicies ListAttachedRolePolicies"
            " ListInstanceProfilesForRole TagRole UntagRole ListRoleTags",
        ),
    ),
    "aws:iam/rolePolicy:RolePolicy": (_on(_ROLE, "iam:PutRolePolicy GetRolePolicy DeleteRolePolicy"),),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        # Its identifier is AWS's, but it is of a function of the stack's.
        _on(ANY, "lambda:CreateEventSourceMapping", _OF_FUNCTION),
        _on(
            _MAPPING,
            "lambda:GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping",
            _OF_FUNCTION,
        ),
        _on(_MAPPING, "lambda:TagResource UntagResource ListTags"),
    ),
    "aws:lambda/function:Function": (
        _on(
            _FUNCTION,
            "lambda:CreateFunction GetFunction GetFunctionConfiguration ListVersionsByFunction GetFunctionCodeSigningConfig"
            " UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction PutFunctionConcurrency"
            " DeleteFunctionConcurrency TagResource UntagResource ListTags",
        ),
        _on(_ROLE, "iam:PassRole", _ON_LAMBDA),
    ),
    "aws:s3/bucket:Bucket": (
        _on(
            _BUCKET,
            "s3:CreateBucket DeleteBucket ListBucket ListBucketVersions GetAccelerateConfiguration GetBucketAcl GetBucketCORS"
            " GetBucketLogging GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment GetBucketTagging"
            " GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration"
            " GetReplicationConfiguration PutBucketTagging TagResource UntagResource ListTagsForResource",
        ),
        _FILES,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        _on(_BUCKET, "s3:GetLifecycleConfiguration PutLifecycleConfiguration"),
    ),
    "aws:s3/bucketNotification:BucketNotification": (_on(_BUCKET, "s3:GetBucketNotification PutBucketNotification"),),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        _on(_BUCKET, "s3:GetBucketOwnershipControls PutBucketOwnershipControls"),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": (_on(_BUCKET, "s3:GetBucketPolicy PutBucketPolicy DeleteBucketPolicy"),),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        _on(_BUCKET, "s3:GetBucketPublicAccessBlock PutBucketPublicAccessBlock"),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _on(_BUCKET, "s3:GetEncryptionConfiguration PutEncryptionConfiguration"),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (_on(_BUCKET, "s3:GetBucketVersioning PutBucketVersioning"),),
    "aws:sns/topic:Topic": (
        _on(
            _TOPIC,
            "sns:CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic TagResource UntagResource ListTagsForResource",
        ),
    ),
    "aws:sns/topicPolicy:TopicPolicy": (_on(_TOPIC, "sns:GetTopicAttributes SetTopicAttributes"),),
    "aws:sqs/queue:Queue": (
        *_QUEUE_ATTRIBUTES,
        _on(_QUEUE, "sqs:CreateQueue DeleteQueue TagQueue UntagQueue ListQueueTags"),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": _QUEUE_ATTRIBUTES,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _QUEUE_ATTRIBUTES,
    "aws:ssm/parameter:Parameter": (
        _on(
            _PARAMETER,
            "ssm:PutParameter GetParameter DeleteParameter AddTagsToResource RemoveTagsFromResource ListTagsForResource",
        ),
        _on(ANY, "ssm:DescribeParameters"),
    ),
}

SUBSCRIPTION: Final[Rows] = {
    "aws:sns/topicSubscription:TopicSubscription": (
        _on(_TOPIC, "sns:Subscribe"),
        _on(ANY, "sns:GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe"),
    ),
}
"""Of completion messages, or of alarms."""

CALLED: Final[Rows] = {
    "aws:lambda/permission:Permission": (_on(_FUNCTION, "lambda:AddPermission GetPolicy RemovePermission"),)
}
"""A function that others than SQS call."""

SCHEDULE: Final[Rows] = {
    "aws:cloudwatch/eventRule:EventRule": (
        _on(_RULE, "events:PutRule DescribeRule DeleteRule TagResource UntagResource ListTagsForResource"),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (_on(_RULE, "events:PutTargets ListTargetsByRule RemoveTargets"),),
}

CLOUDFRONT: Final[Rows] = {
    "aws:cloudfront/distribution:Distribution": (
        _on(ANY, "cloudfront:CreateDistribution"),
        _on(
            f"{_CLOUDFRONT}distribution/*",
            "cloudfront:GetDistribution UpdateDistribution DeleteDistribution TagResource UntagResource"
            " ListTagsForResource",
        ),
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": (
        _on(ANY, "cloudfront:CreateOriginAccessControl"),
        _on(
            f"{_CLOUDFRONT}origin-access-control/*",
            "cloudfront:GetOriginAccessControl UpdateOriginAccessControl DeleteOriginAccessControl",
        ),
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": (
        _on(ANY, "cloudfront:CreateResponseHeadersPolicy"),
        _on(
            f"{_CLOUDFRONT}response-headers-policy/*",
            "cloudfront:GetResponseHeadersPolicy UpdateResponseHeadersPolicy DeleteResponseHeadersPolicy",
        ),
    ),
}

DELIVERY: Final[Rows] = {
    "aws:cloudfront/cachePolicy:CachePolicy": (
        _on(ANY, "cloudfront:CreateCachePolicy"),
        _on(f"{_CLOUDFRONT}cache-policy/*", "cloudfront:GetCachePolicy UpdateCachePolicy DeleteCachePolicy"),
    ),
    "aws:cloudfront/function:Function": (
        _on(ANY, "cloudfront:CreateFunction"),
        _on(
            f"{_CLOUDFRONT}function/{{prefix}}-*",
            "cloudfront:DescribeFunction GetFunction UpdateFunction PublishFunction DeleteFunction TagResource"
            " UntagResource ListTagsForResource",
        ),
    ),
}
"""What delivery has besides: it keeps answers, and runs functions, as the page does not."""

_REST: Final = "apigateway:GET POST PUT PATCH DELETE"
"""API Gateway's actions are verbs on paths: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html"""
_API: Final = (_on(f"{_GATEWAY}apis", "apigateway:POST"), _on(f"{_GATEWAY}apis/*", _REST))
_ITS_TAGS: Final = _on(f"{_GATEWAY}tags/*", _REST)

PAGE: Final[Rows] = {
    "aws:apigateway/apiKey:ApiKey": (
        _on(f"{_GATEWAY}apikeys", "apigateway:POST"),
        _on(f"{_GATEWAY}apikeys/*", _REST),
        _ITS_TAGS,
    ),
    "aws:apigatewayv2/api:Api": (
        *_API,
        _ITS_TAGS,
        # An account's first API: https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
        _on(_GATEWAY_S_ROLE, "iam:CreateServiceLinkedRole", _OF_GATEWAY),
    ),
    "aws:apigatewayv2/integration:Integration": _API,
    "aws:apigatewayv2/route:Route": _API,
    "aws:apigatewayv2/stage:Stage": (
        *_API,
        _ITS_TAGS,
        # For its access log: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
        _on(
            ANY,
            "logs:CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy"
            " DescribeResourcePolicies",
        ),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": (
        _on(_LOG, "logs:PutMetricFilter DescribeMetricFilters DeleteMetricFilter"),
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": (_on(_BUCKET, "s3:GetBucketCORS PutBucketCORS"),),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        _on(_OBJECT, "s3:PutObject GetObject PutObjectTagging GetObjectTagging"),
        _FILES,
        _on(_BUCKET, "s3:ListBucket ListBucketVersions"),
    ),
}

TOKENS: Final[Rows] = {"aws:apigatewayv2/authorizer:Authorizer": _API}
"""A page that takes the tokens of a sign-in."""

FIREWALL: Final[Rows] = {
    "aws:wafv2/webAcl:WebAcl": (
        _on(
            _WEB_ACL,
            # CloudFront verifies that whoever names an ACL may read it (aws/aws-sdk-java#2901).
            "wafv2:CreateWebACL GetWebACL UpdateWebACL DeleteWebACL TagResource UntagResource ListTagsForResource",
        ),
        _on(_RULE_GROUPS, "wafv2:CreateWebACL UpdateWebACL"),
    ),
}

CALLS: Final[Mapping[str, tuple[Need, ...]]] = {
    # Nobody needs a permission for it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    "get_caller_identity": (),
    "s3.get_objects": (_on(_BUCKET, "s3:ListBucket"),),
}
"""What the provider's functions take that the program calls, by their names in `pulumi_aws`."""
