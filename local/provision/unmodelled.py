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
    ("aws:sns/topic:Topic", "kmsMasterKeyId"): "messages stay as they are",
    (
        "aws:sns/topicSubscription:TopicSubscription",
        "protocol",
    ): "e-mail is written to a file, nothing leaves this computer",
}
"""Properties that the emulator takes and returns, and that change nothing."""
