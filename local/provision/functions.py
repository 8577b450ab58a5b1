"""Lambda functions and their event source mappings, and what AWS checks about them that the emulator does not.

The sentences of refusals are AWS's (seen in aws/aws-cdk#6770, functionalone/serverless-iam-roles-per-function#21 and #39).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pulumi
from botocore.exceptions import ReadTimeoutError

from local.errors import FunctionBroken, ProvisionError, Refused
from local.provision.iam import denied_actions
from local.provision.kinds import Kind, Made, Nested, Order

if TYPE_CHECKING:
    from local.cloud import Cloud

FUNCTION_TYPE: Final = "aws:lambda/function:Function"
_ANSWER_SECONDS: Final = 20.0
_POLLER_ACTIONS: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_REPORTER_ACTIONS: Final = ("sqs:ChangeMessageVisibility",)
"""AWS checks it of nobody. But a function that reports failures puts them off itself, and without this permission each would
wait for the whole visibility timeout, which nobody would notice."""
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


def _refuse_unlisted_buckets(cloud: Cloud, name: str, role: str) -> None:
    """Refuse a role that reads a bucket's objects and may not list it.

    AWS answers such a role 403 instead of 404 for a missing key, where the emulator answers 404 to everybody
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
    """
    for bucket in cloud.client("s3").list_buckets()["Buckets"]:
        arn = f"arn:aws:s3:::{bucket['Name']}"
        if not denied_actions(cloud, role, ["s3:GetObject"], f"{arn}/any"):
            _refuse(FUNCTION_TYPE, name, role, denied_actions(cloud, role, ["s3:ListBucket"], arn), arn)


def _invoke_on_nothing(cloud: Cloud, name: str, function_name: str) -> None:
    client = cloud.impatient_client("lambda", _ANSWER_SECONDS)
    try:
        answer = client.invoke(FunctionName=function_name, Payload=b'{"Records": []}')
    except ReadTimeoutError as exc:
        message = f"it does not answer an empty batch within {_ANSWER_SECONDS:.0f} s; does its import hang?"
        raise FunctionBroken(FUNCTION_TYPE, name, message) from exc
    if "FunctionError" in answer:
        failure = json.loads(answer["Payload"].read())
        message = f"it fails on an empty batch: {failure['errorType']}: {failure['errorMessage']}"
        raise FunctionBroken(FUNCTION_TYPE, name, message)


def _make_function(cloud: Cloud, order: Order) -> Made:
    code = {"ZipFile": _zipped(order)}
    made = cloud.client("lambda").create_function(**{**order.request, "Code": code})
    return Made(made["FunctionName"], {"arn": made["FunctionArn"]})


def _zipped(order: Order) -> bytes:
    """Return the bytes of the zip file that the code is.

    Raises:
        ProvisionError: It is anything else, such as a directory.
    """
    code = order.request["Code"]
    if not isinstance(code, pulumi.FileArchive) or not Path(code.path).is_file():
        raise ProvisionError(order.type, order.name, "its code is not the FileArchive of a zip file")
    return Path(code.path).read_bytes()


def _map_event_source(cloud: Cloud, order: Order) -> Made:
    client = cloud.client("lambda")
    function = client.get_function_configuration(FunctionName=order.request["FunctionName"])
    queue_arn = order.request["EventSourceArn"]
    reports = "ReportBatchItemFailures" in order.request.get("FunctionResponseTypes", [])
    actions = (*_POLLER_ACTIONS, *(_REPORTER_ACTIONS if reports else ()))
    denied = denied_actions(cloud, function["Role"], actions, queue_arn)
    _refuse(order.type, order.name, function["Role"], denied, queue_arn)
    _refuse_short_visibility(cloud, order, function["Timeout"], queue_arn)
    _invoke_on_nothing(cloud, function["FunctionName"], function["FunctionName"])  # Warm before the first message, too.
    mapping = client.create_event_source_mapping(**order.request)
    arn = cloud.arn("lambda", f"event-source-mapping:{mapping['UUID']}")
    return Made(mapping["UUID"], {"arn": arn})


def _permit(cloud: Cloud, order: Order) -> Made:
    cloud.client("lambda").add_permission(StatementId=order.name, **order.request)
    return Made(order.name)


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
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    visibility = int(attributes["VisibilityTimeout"])
    if visibility < timeout:
        raise Refused(
            order.type,
            order.name,
            f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds",
        )


_LOGGING: Final[dict[str, Any]] = {
    "logFormat": "LogFormat",
    "logGroup": "LogGroup",
}
FUNCTION: Final = Kind(
    {
        "name": "FunctionName",
        "architectures": "Architectures",
        "code": "Code",
        "description": "Description",
        "environment": Nested("Environment", {"variables": "Variables"}),
        "handler": "Handler",
        "loggingConfig": Nested("LoggingConfig", _LOGGING),
        "memorySize": "MemorySize",
        "role": "Role",
        "runtime": "Runtime",
        "tags": "Tags",
        "timeout": "Timeout",
        "tracingConfig": Nested("TracingConfig", {"mode": "Mode"}),
    },
    _make_function,
    named_by="name",
)
EVENT_SOURCE_MAPPING: Final = Kind(
    {
        "eventSourceArn": "EventSourceArn",
        "functionName": "FunctionName",
        "batchSize": "BatchSize",
        "functionResponseTypes": "FunctionResponseTypes",
        "maximumBatchingWindowInSeconds": "MaximumBatchingWindowInSeconds",
        "scalingConfig": Nested("ScalingConfig", {"maximumConcurrency": "MaximumConcurrency"}),
        "tags": "Tags",
    },
    _map_event_source,
)
PERMISSION: Final = Kind(
    {"action": "Action", "function": "FunctionName", "principal": "Principal", "sourceArn": "SourceArn"}, _permit
)
