"""Which action, on which resource, AWS authorizes a request by, where the emulator takes another or none.

As https://docs.aws.amazon.com/service-authorization/latest/reference/ has them. Roles that are passed on are not checked.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import unquote

_WITH_TAGS: Final = "cloudfront:CreateDistributionWithTags"
_MAPPING_ACTIONS: Final = {"GET": "Get", "PUT": "Update", "DELETE": "Delete"}
_CLOUDFRONT_KINDS: Final = ("function", "cache-policy", "origin-access-control", "response-headers-policy")
_function: Final[ContextVar[str]] = ContextVar("_function", default="")
"""The ARN of the function that the event source mapping of this request is of."""


def amend_authorization() -> None:
    """Wrap the functions, before the first request."""
    from ministack.core import iam_actions

    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn
    context_of = iam_actions.request_tag_context

    def action(service: str, method: str, path: str, *rest: Any) -> str | None:
        if service == "lambda" and _mapping_in(path) and method in _MAPPING_ACTIONS:
            return f"lambda:{_MAPPING_ACTIONS[method]}EventSourceMapping"
        found: str | None = action_of(service, method, path, *rest)
        if found and found.startswith(("sqs:", "sns:")):
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
            return found.removesuffix("Batch")
        return "cloudfront:CreateDistribution" if found == _WITH_TAGS else found

    def resource(
        service: str, method: str, path: str, headers: Any, body: bytes, params: Any, region: str, account: str
    ) -> str:
        here = f"{region}:{account}"
        _function.set(_function_of(path, body, here) if service == "lambda" else "")
        found = {"lambda": _of_lambda, "events": _of_events, "monitoring": _of_cloudwatch}.get(service)
        own = found(path, body, here) if found else _of_cloudfront(path, account) if service == "cloudfront" else None
        return _named(own or str(resource_of(service, method, path, headers, body, params, region, account)))

    def context(*args: Any) -> dict[str, Any]:
        of_function = {"lambda:FunctionArn": _function.get()} if _function.get() else {}
        return {**context_of(*args), **of_function}

    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = resource
    iam_actions.request_tag_context = context


def _named(arn: str) -> str:
    """Return a log group's ARN as policies have it, with `:*` behind it, and any other as it is.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    return f"{arn}:*" if ":log-group:" in arn and not arn.endswith(":*") else arn


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _mapping_in(path: str) -> str:
    """Return the identifier of the event source mapping that a request is about."""
    return path.partition("/event-source-mappings/")[2].strip("/")


def _function_of(path: str, body: bytes, here: str) -> str:
    from ministack.services import lambda_svc

    if "/event-source-mappings" not in path:
        return ""
    mapping = lambda_svc._esms.get(_mapping_in(path)) or {}
    name = str(mapping.get("FunctionArn") or _json(body).get("FunctionName", ""))
    return name if name.startswith("arn:") or not name else f"arn:aws:lambda:{here}:function:{name}"


def _of_lambda(path: str, body: bytes, here: str) -> str | None:
    name = _json(body).get("FunctionName")
    return f"arn:aws:lambda:{here}:function:{name}" if path.rstrip("/").endswith("/functions") and name else None


def _of_events(_path: str, body: bytes, here: str) -> str | None:
    """Return the rule's ARN: on the default bus it has no bus in it."""
    data = _json(body)
    name, bus = data.get("Rule") or data.get("Name"), data.get("EventBusName") or "default"
    if "Entries" in data or not name:
        return data.get("ResourceARN")
    return f"arn:aws:events:{here}:rule/{name}" if bus == "default" else f"arn:aws:events:{here}:rule/{bus}/{name}"


def _of_cloudwatch(_path: str, body: bytes, here: str) -> str | None:
    data = _json(body)
    if dashboard := data.get("DashboardName") or next(iter(data.get("DashboardNames", ())), None):
        return f"arn:aws:cloudwatch::{here.partition(':')[2]}:dashboard/{dashboard}"
    return f"arn:aws:cloudwatch:{here}:alarm:{data['AlarmName']}" if "AlarmName" in data else data.get("ResourceARN")


def _of_cloudfront(path: str, account: str) -> str | None:
    _, _, kind, *rest = [*unquote(path).split("/"), ""]
    return f"arn:aws:cloudfront::{account}:{kind}/{rest[0]}" if kind in _CLOUDFRONT_KINDS and rest[0] else None
