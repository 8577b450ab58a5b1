"""All that the embedded AWS gives no meaning to, with the reason: the whole list, so that nobody has to guess.

A property path is written as in the program, with `[]` after a list: `rules[].status`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LEFT_OUT: Final[Mapping[tuple[str, str], str]] = {
    ("pulumi:providers:aws", "skipCredentialsValidation"): "there is no provider process that would validate anything",
    ("pulumi:providers:aws", "skipMetadataApiCheck"): "same",
    ("pulumi:providers:aws", "skipRegionValidation"): "same",
    ("pulumi:providers:aws", "version"): "same",
    ("aws:s3/bucket:Bucket", "forceDestroy"): "nothing is destroyed one by one: stopping the engine removes everything",
    ("aws:lambda/function:Function", "sourceCodeHash"): "only tells Pulumi that the code changed",
    ("aws:lambda/function:Function", "skipDestroy"): "nothing is destroyed one by one",
    ("aws:cloudfront/distribution:Distribution", "waitForDeployment"): "a distribution is there at once",
    ("aws:cloudwatch/logGroup:LogGroup", "skipDestroy"): "nothing is destroyed one by one",
}
"""Properties that are not sent anywhere."""

STORED_ONLY: Final[Mapping[tuple[str, str], str]] = {
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "rules",
    ): "nothing expires or changes its storage class",
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "rules",
    ): "objects stay as they are",
    ("aws:sqs/queue:Queue", "sqsManagedSseEnabled"): "messages stay as they are",
    ("aws:cloudwatch/logGroup:LogGroup", "retentionInDays"): "log events stay until the engine stops",
    ("aws:cloudwatch/dashboard:Dashboard", "dashboardBody"): "there is no console to show it",
    ("aws:cloudwatch/queryDefinition:QueryDefinition", "name"): "no definition is kept: the emulator has none",
    (
        "aws:cloudwatch/queryDefinition:QueryDefinition",
        "queryString",
    ): "not tried: the emulator answers a part of the language, and answers the rest wrongly",
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "unit"): "an alarm sees its metric's data points of every unit",
    ("aws:lambda/function:Function", "memorySize"): "the worker reads it, nothing limits the process to it",
    ("aws:lambda/function:Function", "architectures"): "functions run on this computer's processor",
    ("aws:lambda/function:Function", "runtime"): "functions run on the interpreter that runs the engine",
    ("aws:lambda/function:Function", "ephemeralStorage"): "nothing limits what a function writes",
    ("aws:lambda/function:Function", "loggingConfig.logFormat"): "lines are stored as the function writes them",
    ("aws:lambda/function:Function", "loggingConfig.applicationLogLevel"): "no line is filtered",
    ("aws:lambda/function:Function", "loggingConfig.systemLogLevel"): "platform lines are always plain text",
    (
        "aws:lambda/function:Function",
        "tracingConfig",
    ): "no trace is recorded; the role's permission to send traces is checked",
    (
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        "maximumBatchingWindowInSeconds",
    ): "a batch starts as soon as there is a message",
    ("aws:cloudfront/distribution:Distribution", "priceClass"): "there is one edge, which is this computer",
    ("aws:cloudfront/distribution:Distribution", "httpVersion"): "HTTP/1.1 is spoken",
    ("aws:cloudfront/distribution:Distribution", "isIpv6Enabled"): "127.0.0.1 is all that is listened on",
    ("aws:cloudfront/distribution:Distribution", "aliases"): "no name of one's own leads to the loopback",
    (
        "aws:cloudfront/distribution:Distribution",
        "viewerCertificate",
    ): "the loopback counts as TLS: see local/server.py",
    ("aws:cloudfront/distribution:Distribution", "restrictions"): "nobody is anywhere else",
    ("aws:cloudfront/distribution:Distribution", "defaultCacheBehavior.compress"): "nothing is compressed",
    ("aws:cloudfront/distribution:Distribution", "orderedCacheBehaviors.compress"): "same",
    ("aws:cloudfront/distribution:Distribution", "defaultCacheBehavior.cachePolicyId"): "says what is forwarded;"
    " nothing is cached, every request goes to the origin",
    ("aws:apigatewayv2/integration:Integration", "timeoutMilliseconds"): "the function's own timeout holds",
    ("aws:apigatewayv2/stage:Stage", "autoDeploy"): "every change is deployed at once",
    ("aws:sns/topic:Topic", "kmsMasterKeyId"): "messages stay as they are",
    (
        "aws:sns/topicSubscription:TopicSubscription",
        "protocol",
    ): "e-mail is written to a file, nothing leaves this computer",
}
"""Properties that the emulator takes and returns, and that change nothing."""
