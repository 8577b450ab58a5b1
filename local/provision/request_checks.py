"""Requests held against AWS's own descriptions of them: what the emulator takes and AWS would refuse is refused here.

botocore itself checks required members, types and minima; its service models have `pattern`, `max` and `enum` for most members,
too, and AWS checks those. A short list of rules that no model has follows, each with its page.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.model import OperationModel

MOST_OBJECT_TAGS: Final = 10


class RequestRefused(Exception):
    """AWS would refuse the request; the message names the operation, the member and what AWS takes."""


def check(params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
    """Refuse a request that AWS would refuse; for botocore's event `before-parameter-build`.

    Raises:
        RequestRefused: With the first member that AWS would not take.
    """
    operation = f"{model.service_model.service_name}:{model.name}"
    for found in (*_violations(params, model.input_shape, ""), *_RULES.get(operation, _no_rule)(params)):
        raise RequestRefused(f"{operation}: {found}")


def _violations(value: Any, shape: Any, path: str) -> Iterator[str]:
    """Yield what a value violates of its shape, and of the shapes in it."""
    if shape is None or value is None:
        return
    yield from _own(value, shape, path)
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in value.items():
            yield from _violations(member, shape.members.get(name), f"{path}.{name}".lstrip("."))
    elif shape.type_name == "list" and isinstance(value, list | tuple):
        for index, member in enumerate(value):
            yield from _violations(member, shape.member, f"{path}[{index}]")
    elif shape.type_name == "map" and isinstance(value, dict):
        for name, member in value.items():
            yield from _violations(name, shape.key, f"{path} key")
            yield from _violations(member, shape.value, f"{path}[{name!r}]")


def _own(value: Any, shape: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    size = value if shape.type_name in _NUMBERS else len(value) if hasattr(value, "__len__") else None
    if isinstance(size, int | float) and not isinstance(size, bool):
        if "max" in limits and size > limits["max"]:
            yield f"{path} is {_shown(value)}: {size} is more than {limits['max']}"
        if "min" in limits and size < limits["min"]:
            yield f"{path} is {_shown(value)}: {size} is less than {limits['min']}"
    if isinstance(value, str):
        if limits.get("enum") and value not in limits["enum"]:
            yield f"{path} is {value!r}: AWS takes {', '.join(limits['enum'])}"
        pattern = compiled(limits["pattern"]) if "pattern" in limits else None
        if pattern and not pattern.fullmatch(value):
            yield f"{path} is {_shown(value)}: AWS takes {limits['pattern']}"


_NUMBERS: Final = {"integer", "long", "float", "double"}


@cache
def compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a model's pattern for Python; None for one that Python does not have, such as by classes of Unicode."""
    text = (
        pattern.replace("\\p{L}\\p{Z}\\p{N}", "\\w\\s").replace("\\p{L}", "^\\W\\d_").replace("\\p{Alnum}", "A-Za-z0-9")
    )
    text = text.replace("\\p{Print}", "\\x20-\\x7e").replace("\\p{ASCII}", "\\x00-\\x7f")
    try:
        return re.compile(text, re.DOTALL)
    except re.error:
        return None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of a terminal


def _no_rule(_params: Mapping[str, Any]) -> Iterator[str]:
    return iter(())


def _dashboard_name(params: Mapping[str, Any]) -> Iterator[str]:
    """The names that a dashboard may have (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html)."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", params.get("DashboardName", "")):
        yield f"DashboardName is {params.get('DashboardName')!r}: AWS takes A-Z, a-z, 0-9, - and _"


def _tag_names(params: Mapping[str, Any]) -> Iterator[str]:
    """IAM compares them without their case (https://github.com/aws/aws-cdk/issues/26253)."""
    names = [tag["Key"].lower() for tag in params.get("Tags", [])]
    yield from (f"Tags has {name!r} twice, but for its case" for name in dict.fromkeys(names) if names.count(name) > 1)


def _object_tags(params: Mapping[str, Any]) -> Iterator[str]:
    """How many tags an object may have (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html)."""
    tags = parse_qsl(params.get("Tagging", ""), keep_blank_values=True)
    if len(tags) > MOST_OBJECT_TAGS:
        yield f"Tagging has {len(tags)} tags: S3 takes {MOST_OBJECT_TAGS} on an object"


def _environment(params: Mapping[str, Any]) -> Iterator[str]:
    """How large a function's environment may be (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""
    variables = params.get("Environment", {}).get("Variables", {})
    size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
    if size > _ENVIRONMENT:
        yield f"Environment has {size} bytes: Lambda takes {_ENVIRONMENT}"


def _mapping(params: Mapping[str, Any]) -> Iterator[str]:
    """Which batches need a window (https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html)."""
    if params.get("BatchSize", 1) > 10 and params.get("MaximumBatchingWindowInSeconds", 0) < 1:  # noqa: PLR2004 - the page's
        yield "BatchSize is more than 10: MaximumBatchingWindowInSeconds must be 1 at least"


def _pattern(params: Mapping[str, Any]) -> Iterator[str]:
    """How long a pattern may be without a higher quota (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)."""
    size = len(params.get("EventPattern", ""))
    if size > _PATTERN:
        yield f"EventPattern has {size} characters: EventBridge takes {_PATTERN}"


_ENVIRONMENT: Final = 4096
_PATTERN: Final = 2048
_RULES: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]]] = {
    "cloudwatch:PutDashboard": _dashboard_name,
    "events:PutRule": _pattern,
    "iam:CreateRole": _tag_names,
    "s3:PutObject": _object_tags,
    "lambda:CreateFunction": _environment,
    "lambda:CreateEventSourceMapping": _mapping,
}
"""Rules that no model has."""
