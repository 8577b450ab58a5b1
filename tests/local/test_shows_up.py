"""Every property of every table arrives in the emulator, read back through the service's own API."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from local.errors import Refused
from local.provision.kinds import Nested
from local.provision.registry import KINDS
from tests.local.orders import (
    ANSWERS_NOTHING,
    BUCKET,
    FUNCTION,
    MAPPING,
    QUEUE,
    ROLE,
    ROLE_POLICY,
    TOPIC,
    trust,
    zipped,
)

LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
TAGS = {"project": "image-pipeline"}
TAG_LIST = [{"Key": "project", "Value": "image-pipeline"}]
DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
    }
)
REDRIVE_ALLOW = json.dumps({"redrivePermission": "denyAll"})


def covers(inputs, table):
    """Whether `inputs` has every property of `table`, at every depth, in some item of a list."""
    return all(
        property_ in inputs and (not isinstance(entry, Nested) or covers(merged(inputs[property_]), entry.table))
        for property_, entry in table.items()
    )


def merged(value):
    """Return an object, or the objects of a list in one, at every depth."""
    result: dict[str, Any] = {}
    for part in value if isinstance(value, list) else [value]:
        for key, item in part.items():
            both = isinstance(item, dict) and isinstance(result.get(key), dict)
            result[key] = merged([result[key], item]) if both else item
    return result


def make(shop, type_, resource, /, **inputs):
    """Make a resource from inputs that have every property that its table has."""
    assert covers(inputs, KINDS[type_].properties), "the test does not set every property"
    return shop.make(type_, resource, **inputs)


def contains(actual, expected):
    """Assert that all of `expected` is in `actual`, numbers compared as numbers."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            contains(actual[key], value)
    elif isinstance(expected, list):
        assert len(actual) == len(expected)
        for left, right in zip(actual, expected, strict=True):
            contains(left, right)
    else:
        assert actual == expected


@pytest.fixture
def bucket(shop):
    """Return the name of a bucket."""
    return shop.make(BUCKET, "bucket")["id"]


@pytest.fixture
def queue(shop):
    """Return the outputs of a queue."""
    return shop.make(QUEUE, "queue")


def test_a_bucket_has_its_name_and_tags(shop, cloud):
    """Bucket: bucket, tags."""
    made = make(shop, BUCKET, "b", bucket="pictures-of-cats", tags=TAGS)

    assert made["id"] == "pictures-of-cats"
    assert made["arn"] == "arn:aws:s3:::pictures-of-cats"
    assert cloud.client("s3").get_bucket_tagging(Bucket=made["id"])["TagSet"] == TAG_LIST


def test_a_bucket_is_in_its_region(cloud, bucket):
    """The region comes from the stack's configuration."""
    assert cloud.client("s3").get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-central-1"


def test_public_access_is_blocked(shop, cloud, bucket):
    """BucketPublicAccessBlock: all four switches."""
    inputs = {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }

    make(shop, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "b", bucket=bucket, **inputs)

    block = cloud.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    assert len(block) == 4


def test_ownership_is_enforced(shop, cloud, bucket):
    """BucketOwnershipControls: the rule."""
    make(
        shop,
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "b",
        bucket=bucket,
        rule={"objectOwnership": "BucketOwnerEnforced"},
    )

    rules = cloud.client("s3").get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_encryption_is_set(shop, cloud, bucket):
    """BucketServerSideEncryptionConfiguration: the algorithm."""
    rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}

    make(
        shop,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "b",
        bucket=bucket,
        rules=[rule],
    )

    configuration = cloud.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    contains(configuration["Rules"], [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}])


def test_versions_are_kept(shop, cloud, bucket):
    """BucketVersioning: the status."""
    make(
        shop,
        "aws:s3/bucketVersioning:BucketVersioning",
        "b",
        bucket=bucket,
        versioningConfiguration={"status": "Enabled"},
    )

    assert cloud.client("s3").get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_lifecycle_rules_are_set(shop, cloud, bucket):
    """BucketLifecycleConfiguration: every part of a rule."""
    everything: dict[str, Any] = {
        "id": "all",
        "status": "Enabled",
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7.0},
        "expiration": {"days": 400.0},
        "transitions": [{"days": 30.0, "storageClass": "GLACIER"}],
        "noncurrentVersionExpiration": {"noncurrentDays": 90.0},
    }
    several: dict[str, Any] = {
        **everything,
        "id": "several",
        "filter": {"and": {"tags": {"k": "v"}, "objectSizeGreaterThan": 1024.0}},
    }
    marker = {"expiredObjectDeleteMarker": True}
    by_prefix = {"id": "by-prefix", "status": "Disabled", "filter": {"prefix": "b/"}, "expiration": marker}
    rules = [everything, several, by_prefix]
    assert covers({"bucket": bucket, "rules": rules}, KINDS[LIFECYCLE].properties)

    shop.make(LIFECYCLE, "b", bucket=bucket, rules=rules)

    found = cloud.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    contains(
        found,
        [
            {
                "ID": "all",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                "Expiration": {"Days": 400},
                "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
            },
            {
                "ID": "several",
                "Filter": {"And": {"Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 1024}},
            },
            {
                "ID": "by-prefix",
                "Status": "Disabled",
                "Filter": {"Prefix": "b/"},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
        ],
    )


def test_a_bucket_policy_is_set(shop, cloud, bucket):
    """BucketPolicy: the document."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": f"arn:aws:s3:::{bucket}/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }

    make(shop, "aws:s3/bucketPolicy:BucketPolicy", "b", bucket=bucket, policy=json.dumps(document))

    assert json.loads(cloud.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]) == document


def test_cross_origin_rules_are_set(shop, cloud, bucket):
    """BucketCorsConfiguration: every part of a rule."""
    rule = {
        "allowedMethods": ["POST"],
        "allowedOrigins": ["http://127.0.0.1"],
        "maxAgeSeconds": 60.0,
    }

    make(shop, "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", "b", bucket=bucket, corsRules=[rule])

    (found,) = cloud.client("s3").get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert (found["AllowedMethods"], found["AllowedOrigins"]) == (["POST"], ["http://127.0.0.1"])
    assert found["MaxAgeSeconds"] == 60


def allow_bucket(shop, queue, bucket):
    """Let `bucket` send to `queue`; return the policy."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue["arn"],
                "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
            }
        ],
    }
    make(shop, "aws:sqs/queuePolicy:QueuePolicy", "q", queueUrl=queue["id"], policy=json.dumps(document))
    return document


def test_a_bucket_notifies_its_queue(shop, cloud, bucket, queue):
    """BucketNotification: events, prefix and suffix, and QueuePolicy, without which S3 refuses."""
    allow_bucket(shop, queue, bucket)

    make(
        shop,
        "aws:s3/bucketNotification:BucketNotification",
        "n",
        bucket=bucket,
        queues=[
            {
                "queueArn": queue["arn"],
                "events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                "filterPrefix": "in/",
                "filterSuffix": ".jpg",
            }
        ],
    )

    (found,) = cloud.client("s3").get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert found["QueueArn"] == queue["arn"]
    assert found["Events"] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    rules = {rule["Name"].lower(): rule["Value"] for rule in found["Filter"]["Key"]["FilterRules"]}
    assert rules == {"prefix": "in/", "suffix": ".jpg"}


def test_a_queue_policy_is_set(shop, cloud, bucket, queue):
    """QueuePolicy: the document."""
    document = allow_bucket(shop, queue, bucket)

    assert json.loads(attributes(cloud, queue)["Policy"]) == document


def attributes(cloud, queue):
    """Return all attributes of `queue`."""
    return cloud.client("sqs").get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])["Attributes"]


def test_a_queue_has_every_attribute(shop, cloud, queue):
    """Queue: all attributes and tags; its id is its URL."""
    redrive = json.dumps({"deadLetterTargetArn": queue["arn"], "maxReceiveCount": 5})

    made = make(
        shop,
        QUEUE,
        "q",
        name="pictures",
        tags=TAGS,
        messageRetentionSeconds=345_600.0,
        redrivePolicy=redrive,
        sqsManagedSseEnabled=True,
        visibilityTimeoutSeconds=540.0,
    )

    found = attributes(cloud, made)
    assert made["id"] == made["url"] == f"{cloud.endpoint_url}/000000000000/pictures"
    assert found["QueueArn"] == made["arn"]
    assert cloud.client("sqs").list_queue_tags(QueueUrl=made["id"])["Tags"] == TAGS
    contains(
        found,
        {
            "MessageRetentionPeriod": "345600",
            "SqsManagedSseEnabled": "true",
            "VisibilityTimeout": "540",
        },
    )
    assert json.loads(found["RedrivePolicy"]) == json.loads(redrive)


def test_a_redrive_allow_policy_is_set(shop, cloud, queue):
    """RedriveAllowPolicy: the document."""
    make(
        shop,
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "r",
        queueUrl=queue["id"],
        redriveAllowPolicy=REDRIVE_ALLOW,
    )

    assert json.loads(attributes(cloud, queue)["RedriveAllowPolicy"]) == json.loads(REDRIVE_ALLOW)


def test_a_role_and_its_policy_are_set(shop, cloud):
    """Role and RolePolicy: documents, tags."""
    role = make(
        shop,
        ROLE,
        "r",
        name="worker",
        assumeRolePolicy=trust("lambda.amazonaws.com"),
        tags=TAGS,
    )
    made = make(shop, ROLE_POLICY, "p", name="queue", role="worker", policy=DENY)

    found = cloud.client("iam").get_role(RoleName="worker")["Role"]
    policy = cloud.client("iam").get_role_policy(RoleName="worker", PolicyName="queue")
    assert (role["id"], role["arn"]) == ("worker", found["Arn"])
    assert found["Tags"] == TAG_LIST
    assert found["AssumeRolePolicyDocument"] == json.loads(trust("lambda.amazonaws.com"))
    assert made["id"] == "worker:queue"
    assert policy["PolicyDocument"] == json.loads(DENY)


def test_a_topic_and_what_belongs_to_it_are_set(shop, cloud, queue):
    """Topic, TopicPolicy, TopicSubscription: every attribute."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    topic = make(
        shop,
        TOPIC,
        "t",
        name="done",
        kmsMasterKeyId="alias/aws/sns",
        tags=TAGS,
    )
    make(shop, "aws:sns/topicPolicy:TopicPolicy", "t", arn=topic["arn"], policy=policy)
    subscription = make(
        shop,
        "aws:sns/topicSubscription:TopicSubscription",
        "s",
        topic=topic["arn"],
        protocol="sqs",
        endpoint=queue["arn"],
        rawMessageDelivery=True,
        filterPolicy=json.dumps({"type": ["image.ready"]}),
        redrivePolicy=json.dumps({"deadLetterTargetArn": queue["arn"]}),
    )

    sns = cloud.client("sns")
    found = sns.get_topic_attributes(TopicArn=topic["arn"])["Attributes"]
    assert topic["arn"] == topic["id"] == "arn:aws:sns:eu-central-1:000000000000:done"
    assert found["KmsMasterKeyId"] == "alias/aws/sns"
    assert json.loads(found["Policy"]) == json.loads(policy)
    assert sns.list_tags_for_resource(ResourceArn=topic["arn"])["Tags"] == TAG_LIST
    contains(
        sns.get_subscription_attributes(SubscriptionArn=subscription["arn"])["Attributes"],
        {
            "TopicArn": topic["arn"],
            "Protocol": "sqs",
            "Endpoint": queue["arn"],
            "RawMessageDelivery": "true",
            "FilterPolicy": json.dumps({"type": ["image.ready"]}),
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": queue["arn"]}),
        },
    )


def test_a_log_group_is_set(shop, cloud):
    """LogGroup: name, retention, tags; its ARN without `:*`, as pulumi-aws has it."""
    made = make(shop, "aws:cloudwatch/logGroup:LogGroup", "l", name="/worker", retentionInDays=30.0, tags=TAGS)

    logs = cloud.client("logs")
    (found,) = logs.describe_log_groups(logGroupNamePrefix="/worker")["logGroups"]
    assert made["id"] == "/worker"
    assert made["arn"] == found["arn"].removesuffix(":*")
    assert found["retentionInDays"] == 30
    assert logs.list_tags_for_resource(resourceArn=made["arn"])["tags"] == TAGS


def test_an_alarm_is_set(shop, cloud):
    """MetricAlarm: every property, with a plain statistic and with metric math."""
    one = {
        "name": "dead-letters",
        "alarmActions": ["arn:aws:sns:eu-central-1:000000000000:a"],
        "alarmDescription": "there are dead letters",
        "comparisonOperator": "GreaterThanThreshold",
        "dimensions": {"QueueName": "q"},
        "evaluationPeriods": 2.0,
        "metricName": "ApproximateNumberOfMessagesVisible",
        "namespace": "AWS/SQS",
        "okActions": ["arn:aws:sns:eu-central-1:000000000000:o"],
        "period": 60.0,
        "statistic": "Maximum",
        "tags": TAGS,
        "threshold": 0.5,
        "treatMissingData": "notBreaching",
    }
    query = {
        "id": "m",
        "metric": {
            "namespace": "AWS/SQS",
            "metricName": "NumberOfMessagesDeleted",
            "dimensions": {"QueueName": "q"},
            "period": 60.0,
            "stat": "Sum",
        },
    }
    formula = {"id": "e", "expression": "IF(m > 0, m, 1)", "label": "at least one", "returnData": True}
    kept = ("comparisonOperator", "evaluationPeriods", "threshold")
    math = {"name": "math", "metricQueries": [query, formula], **{k: one[k] for k in kept}}
    assert covers(one | math, KINDS["aws:cloudwatch/metricAlarm:MetricAlarm"].properties)

    for name, inputs in (("one", one), ("math", math)):
        shop.make("aws:cloudwatch/metricAlarm:MetricAlarm", name, **inputs)

    described = cloud.client("cloudwatch").describe_alarms(AlarmNames=["dead-letters", "math"])
    found = {alarm["AlarmName"]: alarm for alarm in described["MetricAlarms"]}
    contains(
        found["dead-letters"],
        {
            "AlarmActions": ["arn:aws:sns:eu-central-1:000000000000:a"],
            "AlarmDescription": "there are dead letters",
            "ComparisonOperator": "GreaterThanThreshold",
            "Dimensions": [{"Name": "QueueName", "Value": "q"}],
            "EvaluationPeriods": 2,
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Namespace": "AWS/SQS",
            "OKActions": ["arn:aws:sns:eu-central-1:000000000000:o"],
            "Period": 60,
            "Statistic": "Maximum",
            "Threshold": 0.5,
            "TreatMissingData": "notBreaching",
        },
    )
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "NumberOfMessagesDeleted",
        "Dimensions": [{"Name": "QueueName", "Value": "q"}],
    }
    assert found["math"]["Metrics"] == [
        {
            "Id": "m",
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        },
        {"Id": "e", "Expression": "IF(m > 0, m, 1)", "Label": "at least one", "ReturnData": True},
    ]
    tags = cloud.client("cloudwatch").list_tags_for_resource(ResourceARN=found["dead-letters"]["AlarmArn"])["Tags"]
    assert tags == TAG_LIST


def test_a_composite_alarm_is_set(shop, cloud):
    """CompositeAlarm: every property."""
    plain = {"threshold": 1.0, "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1.0}
    metric = {"metricName": "Errors", "namespace": "AWS/Lambda", "period": 60.0, "statistic": "Sum"}
    shop.make("aws:cloudwatch/metricAlarm:MetricAlarm", "child", name="child", **plain, **metric)

    make(
        shop,
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        "c",
        alarmActions=["arn:aws:sns:eu-central-1:000000000000:a"],
        alarmDescription="something is wrong",
        alarmName="parent",
        alarmRule='ALARM("child")',
        okActions=["arn:aws:sns:eu-central-1:000000000000:o"],
        tags=TAGS,
    )

    client = cloud.client("cloudwatch")
    (found,) = client.describe_alarms(AlarmNames=["parent"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    contains(
        found,
        {
            "AlarmActions": ["arn:aws:sns:eu-central-1:000000000000:a"],
            "AlarmDescription": "something is wrong",
            "AlarmRule": 'ALARM("child")',
            "OKActions": ["arn:aws:sns:eu-central-1:000000000000:o"],
        },
    )
    assert client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == TAG_LIST


def test_a_query_of_a_log_group_that_is_not_there_is_refused(shop, cloud):
    """QueryDefinition: the emulator keeps none, so that its log group is all that can be wrong."""
    cloud.client("logs").create_log_group(logGroupName="asked")
    definition, query = "aws:cloudwatch/queryDefinition:QueryDefinition", "fields @message"

    assert make(shop, definition, "q", name="q", logGroupNames=["asked"], queryString=query)["id"] == "q"
    with pytest.raises(Refused, match="does not exist: aske"):
        shop.make(definition, "q", name="q", logGroupNames=["aske"], queryString=query)


def test_a_dashboard_is_set(shop, cloud):
    """Dashboard: the body."""
    body = json.dumps({"widgets": []})

    make(shop, "aws:cloudwatch/dashboard:Dashboard", "d", dashboardName="pipeline", dashboardBody=body)

    assert cloud.client("cloudwatch").get_dashboard(DashboardName="pipeline")["DashboardBody"] == body


def test_a_function_is_set(shop, cloud, tmp_path):
    """Function: every setting, the code from a zip file."""
    package = tmp_path / "code.zip"
    package.write_bytes(zipped(ANSWERS_NOTHING))
    role = shop.role(actions={})

    made = make(
        shop,
        FUNCTION,
        "f",
        name="worker",
        architectures=["arm64"],
        code=pulumi.FileArchive(str(package)),
        description="renders",
        environment={"variables": {"A": "1"}},
        handler="main.handler",
        loggingConfig={
            "logFormat": "JSON",
            "logGroup": "/worker",
        },
        memorySize=512.0,
        role=role["arn"],
        runtime="python3.13",
        tags=TAGS,
        timeout=90.0,
        tracingConfig={"mode": "Active"},
    )

    found = cloud.client("lambda").get_function(FunctionName="worker")
    assert made["id"] == "worker"
    assert made["arn"] == found["Configuration"]["FunctionArn"]
    assert found["Tags"] == TAGS
    contains(
        found["Configuration"],
        {
            "Architectures": ["arm64"],
            "CodeSize": package.stat().st_size,
            "Description": "renders",
            "Environment": {"Variables": {"A": "1"}},
            "Handler": "main.handler",
            "LoggingConfig": {
                "LogFormat": "JSON",
                "LogGroup": "/worker",
            },
            "MemorySize": 512,
            "Role": role["arn"],
            "Runtime": "python3.13",
            "Timeout": 90,
            "TracingConfig": {"Mode": "Active"},
        },
    )


def test_an_event_source_mapping_is_set(shop, cloud, queue, tmp_path):
    """EventSourceMapping: batch, window, partial failures, concurrency."""
    actions = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility"]
    role = shop.role(actions={queue["arn"]: [f"sqs:{action}" for action in actions]})
    function = shop.function(tmp_path, ANSWERS_NOTHING, role=role)

    made = make(
        shop,
        MAPPING,
        "m",
        eventSourceArn=queue["arn"],
        functionName=function["arn"],
        batchSize=20.0,
        functionResponseTypes=["ReportBatchItemFailures"],
        maximumBatchingWindowInSeconds=3.0,
        scalingConfig={"maximumConcurrency": 4.0},
        tags=TAGS,
    )

    found = cloud.client("lambda").get_event_source_mapping(UUID=made["id"])
    contains(
        found,
        {
            "EventSourceArn": queue["arn"],
            "FunctionArn": function["arn"],
            "BatchSize": 20,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "MaximumBatchingWindowInSeconds": 3,
            "ScalingConfig": {"MaximumConcurrency": 4},
        },
    )
    assert cloud.client("lambda").list_tags(Resource=made["arn"])["Tags"] == TAGS


def test_a_resource_without_a_name_gets_its_own_and_a_random_suffix(shop):
    """As Pulumi names them, so that two stacks never collide."""
    first, second = (shop.make(QUEUE, "images")["name"] for _ in range(2))

    assert first != second
    assert first.startswith("images-")
    assert len(first) == len("images-1234567")


def test_the_providers_default_tags_are_on_every_taggable_resource(shop, cloud):
    """A resource's own tags win over the provider's, and other providers' tags stay away."""
    shop.make("pulumi:providers:aws", "tagged", defaultTags=json.dumps({"tags": {"project": "p", "owner": "o"}}))
    reference = "urn:pulumi:local::image-pipeline::pulumi:providers:aws::tagged::tagged-id"

    made = shop.make(QUEUE, "images", provider=reference, tags={"owner": "me"})
    other = shop.make(QUEUE, "others")

    assert made["tagsAll"] == {"project": "p", "owner": "me"}
    assert cloud.client("sqs").list_queue_tags(QueueUrl=made["id"])["Tags"] == {"project": "p", "owner": "me"}
    assert other["tagsAll"] == {}


def test_the_account_is_the_emulators(shop, cloud):
    """What the program asks about where it is, is answered truly."""
    identity = shop.provisioner.call(
        pulumi.runtime.MockCallArgs("aws:index/getCallerIdentity:getCallerIdentity", {}, "")
    )

    assert identity["accountId"] == cloud.account_id
