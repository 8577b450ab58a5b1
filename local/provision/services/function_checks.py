"""What AWS checks about functions and their mappings, and the emulator does not: roles, timeouts, code that loads.

The sentences of refusals are AWS's (seen in aws/aws-cdk#6770, functionalone/serverless-iam-roles-per-function#21 and #39).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ReadTimeoutError

from local.errors import FunctionBroken, Refused
from local.provision.services.iam import denied_actions

if TYPE_CHECKING:
    from local.cloud import Cloud
    from local.provision.kinds import Order

FUNCTION_TYPE: Final = "aws:lambda/function:Function"
ANSWER_SECONDS: Final = 20.0
"""That a function has for an empty batch, its import included."""
_POLLER_ACTIONS: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_REPORTER_ACTIONS: Final = ("sqs:ChangeMessageVisibility",)
"""AWS does not check this one. But the worker postpones retries itself: without the permission each would wait for the whole
visibility timeout, unnoticed."""
_LOG_ACTIONS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
_TRACE_ACTIONS: Final = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")


def check_function(cloud: Cloud, name: str, function_name: str) -> None:
    """Check a function once everything is there: its role's policies, and that it answers.

    `name` is the resource's, `function_name` the physical one.

    Raises:
        Refused: The role may not write the function's log or its traces, or not list a bucket that it reads.
        FunctionBroken: The code does not import or fails on an empty batch.
    """
    client = cloud.client("lambda")
    config = client.get_function_configuration(FunctionName=function_name)
    log_group = cloud.arn("logs", f"log-group:{config['LoggingConfig']['LogGroup']}:log-stream:any")
    role = config["Role"]
    _refuse(FUNCTION_TYPE, name, role, denied_actions(cloud, role, _LOG_ACTIONS, log_group), log_group)
    if config["TracingConfig"]["Mode"] == "Active":
        _refuse(FUNCTION_TYPE, name, role, denied_actions(cloud, role, _TRACE_ACTIONS, "*"), "*")
    _refuse_unlisted_buckets(cloud, name, role)
    if not client.list_event_source_mappings(FunctionName=function_name)["EventSourceMappings"]:
        _invoke_on_nothing(cloud, name, function_name)


def check_mapping(cloud: Cloud, order: Order) -> None:
    """Check an event source mapping before it is made: the function's role, its timeout, and that it answers.

    Raises:
        Refused: The role may not do what polling takes, or the queue's visibility timeout is below the function's.
        FunctionBroken: The code does not import or fails on an empty batch.
    """
    function = cloud.client("lambda").get_function_configuration(FunctionName=order.request["FunctionName"])
    queue_arn = order.request["EventSourceArn"]
    reports = "ReportBatchItemFailures" in order.request.get("FunctionResponseTypes", [])
    actions = (*_POLLER_ACTIONS, *(_REPORTER_ACTIONS if reports else ()))
    denied = denied_actions(cloud, function["Role"], actions, queue_arn)
    _refuse(order.type, order.name, function["Role"], denied, queue_arn)
    _refuse_key(cloud, order, function["Role"], queue_arn)
    _refuse_short_visibility(cloud, order, function["Timeout"], queue_arn)
    _invoke_on_nothing(cloud, function["FunctionName"], function["FunctionName"])  # Warm before the first message, too.


def _refuse_key(cloud: Cloud, order: Order, role: str, queue_arn: str) -> None:
    """Refuse a role that cannot decrypt what is in the queue: Lambda would poll for ever, and say so nowhere but in the mapping's state."""
    key = _attribute(cloud, queue_arn, "KmsMasterKeyId")
    if key.startswith("arn:"):
        _refuse(order.type, order.name, role, denied_actions(cloud, role, ["kms:Decrypt"], key), key)


def check_destination(cloud: Cloud, order: Order) -> None:
    """Check that a function's role may publish to the topic that failures go to.

    Raises:
        Refused: It may not.
    """
    function = cloud.root.client("lambda").get_function_configuration(FunctionName=order.request["FunctionName"])
    topic = order.request["DestinationConfig"]["OnFailure"]["Destination"]
    denied = denied_actions(cloud.root, function["Role"], ["sns:Publish"], topic)
    _refuse(order.type, order.name, function["Role"], denied, topic)


def _refuse_unlisted_buckets(cloud: Cloud, name: str, role: str) -> None:
    """Refuse a role that reads a bucket's objects and may not list it.

    AWS answers such a role 403 instead of 404 for a missing key, where the emulator always answers 404
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
    """
    for bucket in cloud.client("s3").list_buckets()["Buckets"]:
        arn = f"arn:aws:s3:::{bucket['Name']}"
        if not denied_actions(cloud, role, ["s3:GetObject"], f"{arn}/any"):
            _refuse(FUNCTION_TYPE, name, role, denied_actions(cloud, role, ["s3:ListBucket"], arn), arn)


def _invoke_on_nothing(cloud: Cloud, name: str, function_name: str) -> None:
    client = cloud.impatient_client("lambda", ANSWER_SECONDS)
    try:
        answer = client.invoke(FunctionName=function_name, Payload=b'{"Records": []}')
    except ReadTimeoutError as exc:
        message = f"it does not answer an empty batch within {ANSWER_SECONDS:.0f} s; does its import hang?"
        raise FunctionBroken(FUNCTION_TYPE, name, message) from exc
    if "FunctionError" in answer:
        failure = json.loads(answer["Payload"].read())
        message = f"it fails on an empty batch: {failure['errorType']}: {failure['errorMessage']}"
        raise FunctionBroken(FUNCTION_TYPE, name, message)


def _refuse(type_: str, name: str, role_arn: str, denied: list[str], resource_arn: str) -> None:
    for action in denied[:1]:
        service, _, operation = action.partition(":")
        raise Refused(
            type_,
            name,
            f"The provided execution role does not have permissions to call {operation} on {service.upper()}"
            f" ({action} on {resource_arn} is not allowed by the policies of {role_arn})",
        )


def _refuse_short_visibility(cloud: Cloud, order: Order, timeout: int, queue_arn: str) -> None:
    visibility = int(_attribute(cloud, queue_arn, "VisibilityTimeout"))
    if visibility < timeout:
        raise Refused(
            order.type,
            order.name,
            f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds",
        )


def _attribute(cloud: Cloud, queue_arn: str, name: str) -> str:
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"].get(name, ""))
