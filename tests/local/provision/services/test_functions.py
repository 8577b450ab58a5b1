"""Every property of a function and its event source arrives in the emulator, read back through Lambda's own API."""

from __future__ import annotations

import pulumi

from tests.local.provision.orders import ANSWERS_NOTHING, ASYNCHRONOUS, FUNCTION, MAPPING, TOPIC, zipped
from tests.local.provision.properties import TAGS, contains, make


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
        environment={"variables": {"AB": "1"}},
        handler="main.handler",
        loggingConfig={
            "logFormat": "JSON",
            "logGroup": "/worker",
        },
        memorySize=512.0,
        reservedConcurrentExecutions=20.0,
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
    assert found["Concurrency"]["ReservedConcurrentExecutions"] == 20
    contains(
        found["Configuration"],
        {
            "Architectures": ["arm64"],
            "CodeSize": package.stat().st_size,
            "Description": "renders",
            "Environment": {"Variables": {"AB": "1"}},
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


def test_what_becomes_of_asynchronous_invocations_is_set(shop, cloud, tmp_path):
    """FunctionEventInvokeConfig: retries, age, and where failures go."""
    topic = shop.make(TOPIC, "topic")
    function = shop.function(tmp_path, ANSWERS_NOTHING, role=shop.role(actions={topic["arn"]: ["sns:Publish"]}))

    make(
        shop,
        ASYNCHRONOUS,
        "a",
        functionName=function["id"],
        maximumEventAgeInSeconds=60.0,
        maximumRetryAttempts=0.0,
        destinationConfig={"onFailure": {"destination": topic["arn"]}},
    )

    contains(
        cloud.client("lambda").get_function_event_invoke_config(FunctionName=function["id"]),
        {
            "MaximumEventAgeInSeconds": 60,
            "MaximumRetryAttempts": 0,
            "DestinationConfig": {"OnFailure": {"Destination": topic["arn"]}},
        },
    )
