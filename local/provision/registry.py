"""Every resource type that the engine makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.provision.services import apigateway, cloudwatch, events, functions, iam, s3, sns, sqs, ssm
from local.provision.services.cloudfront import distributions, policies
from local.provision.services.cloudfront import functions as edge_functions
from local.provision.services.function_checks import FUNCTION_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.provision.kinds import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "aws:apigateway/apiKey:ApiKey": apigateway.KEY,
    "aws:apigatewayv2/api:Api": apigateway.API,
    "aws:apigatewayv2/authorizer:Authorizer": apigateway.AUTHORIZER,
    "aws:apigatewayv2/integration:Integration": apigateway.INTEGRATION,
    "aws:apigatewayv2/route:Route": apigateway.ROUTE,
    "aws:apigatewayv2/stage:Stage": apigateway.STAGE,
    "aws:cloudfront/cachePolicy:CachePolicy": policies.CACHE_POLICY,
    "aws:cloudfront/distribution:Distribution": distributions.DISTRIBUTION,
    "aws:cloudfront/function:Function": edge_functions.FUNCTION,
    "aws:cloudfront/originAccessControl:OriginAccessControl": distributions.ACCESS_CONTROL,
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": policies.HEADERS_POLICY,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": cloudwatch.COMPOSITE_ALARM,
    "aws:cloudwatch/dashboard:Dashboard": cloudwatch.DASHBOARD,
    "aws:cloudwatch/eventRule:EventRule": events.RULE,
    "aws:cloudwatch/eventTarget:EventTarget": events.TARGET,
    "aws:cloudwatch/logGroup:LogGroup": cloudwatch.LOG_GROUP,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": cloudwatch.METRIC_FILTER,
    "aws:cloudwatch/metricAlarm:MetricAlarm": cloudwatch.METRIC_ALARM,
    "aws:cloudwatch/queryDefinition:QueryDefinition": cloudwatch.QUERY_DEFINITION,
    "aws:iam/role:Role": iam.ROLE,
    "aws:iam/rolePolicy:RolePolicy": iam.ROLE_POLICY,
    "aws:lambda/eventSourceMapping:EventSourceMapping": functions.EVENT_SOURCE_MAPPING,
    FUNCTION_TYPE: functions.FUNCTION,
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": functions.ASYNCHRONOUS,
    "aws:lambda/permission:Permission": functions.PERMISSION,
    "aws:s3/bucket:Bucket": s3.BUCKET,
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": s3.CORS,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3.LIFECYCLE,
    "aws:s3/bucketNotification:BucketNotification": s3.NOTIFICATION,
    "aws:s3/bucketObjectv2:BucketObjectv2": s3.OBJECT,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": s3.OWNERSHIP_CONTROLS,
    "aws:s3/bucketPolicy:BucketPolicy": s3.POLICY,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3.PUBLIC_ACCESS_BLOCK,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": s3.ENCRYPTION,
    "aws:s3/bucketVersioning:BucketVersioning": s3.VERSIONING,
    "aws:sns/topic:Topic": sns.TOPIC,
    "aws:sns/topicPolicy:TopicPolicy": sns.POLICY,
    "aws:sns/topicSubscription:TopicSubscription": sns.SUBSCRIPTION,
    "aws:sqs/queue:Queue": sqs.QUEUE,
    "aws:sqs/queuePolicy:QueuePolicy": sqs.POLICY,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": sqs.REDRIVE_ALLOW_POLICY,
    "aws:ssm/parameter:Parameter": ssm.PARAMETER,
}
