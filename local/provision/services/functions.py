"""Lambda functions, the permissions to invoke them, and event source mappings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pulumi

from local.errors import ProvisionError
from local.loopback import on_loopback
from local.provision.kinds import ID, Kind, Made, Nested, Order, removal
from local.provision.services.function_checks import check_destination, check_mapping

if TYPE_CHECKING:
    from local.cloud import Cloud


def _make_function(cloud: Cloud, order: Order) -> Made:
    request = {**order.request, "Code": {"ZipFile": _zipped(order)}}
    if variables := request.get("Environment", {}).get("Variables"):
        reached = {name: on_loopback(value, cloud) for name, value in variables.items()}
        request["Environment"] = {"Variables": reached}
    reserved = request.pop("ReservedConcurrentExecutions", None)
    client = cloud.client("lambda")
    made = client.create_function(**request)
    if reserved is not None:
        client.put_function_concurrency(FunctionName=made["FunctionName"], ReservedConcurrentExecutions=reserved)
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
    check_mapping(cloud.root, order)
    mapping = cloud.client("lambda").create_event_source_mapping(**order.request)
    arn = cloud.arn("lambda", f"event-source-mapping:{mapping['UUID']}")
    return Made(mapping["UUID"], {"arn": arn})


def _configure_asynchronous(cloud: Cloud, order: Order) -> Made:
    check_destination(cloud, order)
    cloud.client("lambda").put_function_event_invoke_config(**order.request)
    return Made(order.request["FunctionName"])


def _permit(cloud: Cloud, order: Order) -> Made:
    cloud.client("lambda").add_permission(StatementId=order.name, **order.request)
    return Made(order.name)


_LOGGING: Final[dict[str, Any]] = {"logFormat": "LogFormat", "logGroup": "LogGroup"}
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
        "reservedConcurrentExecutions": "ReservedConcurrentExecutions",
        "role": "Role",
        "runtime": "Runtime",
        "tags": "Tags",
        "timeout": "Timeout",
        "tracingConfig": Nested("TracingConfig", {"mode": "Mode"}),
    },
    _make_function,
    named_by="name",
    remove=removal("lambda", "delete_function", FunctionName=ID),
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
    remove=removal("lambda", "delete_event_source_mapping", UUID=ID),
)
PERMISSION: Final = Kind(
    {"action": "Action", "function": "FunctionName", "principal": "Principal", "sourceArn": "SourceArn"}, _permit
)
ASYNCHRONOUS: Final = Kind(
    {
        "functionName": "FunctionName",
        "maximumEventAgeInSeconds": "MaximumEventAgeInSeconds",
        "maximumRetryAttempts": "MaximumRetryAttempts",
        "destinationConfig": Nested(
            "DestinationConfig", {"onFailure": Nested("OnFailure", {"destination": "Destination"})}
        ),
    },
    _configure_asynchronous,
    remove=removal("lambda", "delete_function_event_invoke_config", FunctionName=ID),
)
