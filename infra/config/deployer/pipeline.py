"""The IAM actions that a deployment takes, by type of resource: to create, read (`pulumi refresh`), update and delete it.

Which requests a type takes: https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service, which pulumi-aws is made of.
Which action a request needs, and which resources the action takes: https://docs.aws.amazon.com/service-authorization/latest/reference/.
What has a name of the stack's is narrowed to it. `ANY` and other `*` stand where an action takes no resource, or only one with an
identifier that AWS draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.config.deployer.need import ADOPTED, ANY, BUCKET, FILES, FUNCTION, KEY, LOG, Need, Rows, on

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUEUE: Final = "arn:aws:sqs:{region}:{account}:{prefix}-*"
_TOPIC: Final = "arn:aws:sns:{region}:{account}:{prefix}-*"
_ROLE: Final = "arn:aws:iam::{account}:role/{prefix}-*"
_PARAMETER: Final = "arn:aws:ssm:{region}:{account}:parameter/{prefix}-*"
_MAPPING: Final = "arn:aws:lambda:{region}:{account}:event-source-mapping:*"
_ALARM: Final = "arn:aws:cloudwatch:{region}:{account}:alarm:{prefix}-*"
_DASHBOARD: Final = "arn:aws:cloudwatch::{account}:dashboard/{prefix}-*"
_RULE: Final = "arn:aws:events:{region}:{account}:rule/{prefix}-*"
_QUEUE_ATTRIBUTES: Final = (on(_QUEUE, "sqs:GetQueueAttributes SetQueueAttributes"),)
_ON_LAMBDA: Final = ("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")
_OF_FUNCTION: Final = ("ArnLike", "lambda:FunctionArn", FUNCTION)

ALWAYS: Final[Rows] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": (
        # CloudWatch wants these on everything: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
        on(ANY, "cloudwatch:PutCompositeAlarm DescribeAlarms DeleteAlarms"),
        on(_ALARM, "cloudwatch:TagResource UntagResource ListTagsForResource"),
    ),
    "aws:cloudwatch/dashboard:Dashboard": (on(_DASHBOARD, "cloudwatch:PutDashboard GetDashboard DeleteDashboards"),),
    "aws:cloudwatch/logGroup:LogGroup": (
        on(
            LOG,
            "logs:CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy TagResource UntagResource"
            " ListTagsForResource",
        ),
        on(ANY, "logs:DescribeLogGroups"),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        on(ANY, "cloudwatch:DescribeAlarms DeleteAlarms"),
        on(_ALARM, "cloudwatch:PutMetricAlarm TagResource UntagResource ListTagsForResource"),
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": (
        on(ANY, "logs:PutQueryDefinition DescribeQueryDefinitions DeleteQueryDefinition"),
    ),
    "aws:iam/role:Role": (
        on(
            _ROLE,
            "iam:CreateRole GetRole UpdateRole UpdateAssumeRolePolicy DeleteRole ListRolePolicies ListAttachedRolePolicies"
            " ListInstanceProfilesForRole TagRole UntagRole ListRoleTags",
        ),
    ),
    "aws:iam/rolePolicy:RolePolicy": (on(_ROLE, "iam:PutRolePolicy GetRolePolicy DeleteRolePolicy"),),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        # Its identifier is AWS's, but it is of a function of the stack's.
        on(ANY, "lambda:CreateEventSourceMapping", _OF_FUNCTION),
        on(
            _MAPPING,
            "lambda:GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping",
            _OF_FUNCTION,
        ),
        on(_MAPPING, "lambda:TagResource UntagResource ListTags"),
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (
        on(
            FUNCTION,
            "lambda:PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig"
            " DeleteFunctionEventInvokeConfig",
        ),
    ),
    "aws:lambda/permission:Permission": (on(FUNCTION, "lambda:AddPermission GetPolicy RemovePermission"),),
    "aws:sns/topicSubscription:TopicSubscription": (
        on(_TOPIC, "sns:Subscribe"),
        on(ANY, "sns:GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe"),
    ),
    "aws:lambda/function:Function": (
        on(
            FUNCTION,
            "lambda:CreateFunction GetFunction GetFunctionConfiguration ListVersionsByFunction GetFunctionCodeSigningConfig"
            " UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction PutFunctionConcurrency"
            " DeleteFunctionConcurrency TagResource UntagResource ListTags",
        ),
        on(_ROLE, "iam:PassRole", _ON_LAMBDA),
    ),
    "aws:s3/bucket:Bucket": (
        on(
            BUCKET,
            "s3:CreateBucket DeleteBucket ListBucket ListBucketVersions GetAccelerateConfiguration GetBucketAcl GetBucketCORS"
            " GetBucketLogging GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment GetBucketTagging"
            " GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration"
            " GetReplicationConfiguration PutBucketTagging TagResource UntagResource ListTagsForResource",
        ),
        FILES,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        on(BUCKET, "s3:GetLifecycleConfiguration PutLifecycleConfiguration"),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        on(BUCKET, "s3:GetBucketOwnershipControls PutBucketOwnershipControls"),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": (on(BUCKET, "s3:GetBucketPolicy PutBucketPolicy DeleteBucketPolicy"),),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        on(BUCKET, "s3:GetBucketPublicAccessBlock PutBucketPublicAccessBlock"),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        on(BUCKET, "s3:GetEncryptionConfiguration PutEncryptionConfiguration"),
    ),
    "aws:sns/topic:Topic": (
        on(
            _TOPIC,
            "sns:CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic TagResource UntagResource ListTagsForResource",
        ),
    ),
    "aws:sns/topicPolicy:TopicPolicy": (on(_TOPIC, "sns:GetTopicAttributes SetTopicAttributes"),),
    "aws:sqs/queue:Queue": (
        *_QUEUE_ATTRIBUTES,
        on(_QUEUE, "sqs:CreateQueue DeleteQueue TagQueue UntagQueue ListQueueTags"),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": _QUEUE_ATTRIBUTES,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _QUEUE_ATTRIBUTES,
    "aws:ssm/parameter:Parameter": (
        on(
            _PARAMETER,
            "ssm:PutParameter GetParameter DeleteParameter AddTagsToResource RemoveTagsFromResource ListTagsForResource",
        ),
        on(ANY, "ssm:DescribeParameters"),
    ),
}

SOURCE: Final[Rows] = {
    "aws:s3/bucketNotification:BucketNotification": (on(BUCKET, "s3:GetBucketNotification PutBucketNotification"),),
    "aws:s3/bucketVersioning:BucketVersioning": (on(BUCKET, "s3:GetBucketVersioning PutBucketVersioning"),),
}
"""Of a source bucket that the program makes."""

RULE: Final[Rows] = {
    "aws:cloudwatch/eventRule:EventRule": (
        on(_RULE, "events:PutRule DescribeRule DeleteRule TagResource UntagResource ListTagsForResource"),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (on(_RULE, "events:PutTargets ListTargetsByRule RemoveTargets"),),
}
"""A schedule, or events of the source bucket."""

CALLS: Final[Mapping[str, tuple[Need, ...]]] = {
    # Nobody needs a permission for it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    "get_caller_identity": (),
    "get_region": (),
    "s3.get_objects": (on(BUCKET, "s3:ListBucket"),),
}
"""What the provider's functions take that the program calls, by their names in `pulumi_aws`."""

ADOPTED_CALLS: Final[Mapping[str, tuple[Need, ...]]] = {
    # What CloudFormation's handler reads of a bucket by itself:
    # https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/security.html
    "cloudcontrol.get_resource": (
        on(ANY, "cloudformation:GetResource"),
        on(
            ADOPTED,
            "s3:GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketCORS GetBucketLogging GetBucketNotification"
            " GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPublicAccessBlock GetBucketTagging"
            " GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration"
            " GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration",
        ),
    ),
    "s3.get_bucket": (on(ADOPTED, "s3:ListBucket"),),
    "s3.get_bucket_notification": (on(ADOPTED, "s3:GetBucketNotification"),),
    "s3.get_buckets": (on(ANY, "s3:ListAllMyBuckets"),),
}
"""Of a source bucket that exists. All but `get_bucket` may be refused, with a warning."""

KEY_CALLS: Final[Mapping[str, tuple[Need, ...]]] = {"kms.get_key": (on(KEY, "kms:DescribeKey"),)}
"""Of each key; may be refused, with a warning."""
