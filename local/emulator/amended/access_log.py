"""The access log of HTTP APIs, which the emulator does not write: a line of the stage's format for each request.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

from __future__ import annotations

import json
import secrets
import time
from typing import Any, Final

_RESPONSES: Final = {401: "UNAUTHORIZED", 403: "ACCESS_DENIED", 404: "NOT_FOUND", 429: "THROTTLED"}


def amend_access_log() -> None:
    """Wrap the function that answers requests, before the first one."""
    from ministack.services import apigateway

    answer = apigateway.handle_execute

    async def logged(api: str, stage: str, path: str, method: str, headers: Any, *rest: Any, **named: Any) -> Any:
        began = time.time()
        status, answered, body = await answer(api, stage, path, method, headers, *rest, **named)
        settings = apigateway._stages.get(api, {}).get(stage, {}).get("accessLogSettings") or {}
        settings = {name.lower(): value for name, value in settings.items()}
        if settings:
            route = apigateway._match_route(api, method, "/" + path.lstrip("/")) or {}
            own = status in _RESPONSES and body.startswith(b'{"message"')  # The uploader's begin with "error".
            values = {
                "apiId": api,
                "requestId": secrets.token_hex(8),
                "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(began)),
                "identity.sourceIp": "127.0.0.1",
                "routeKey": route.get("routeKey", "-"),
                "status": status,
                "responseLatency": round((time.time() - began) * 1000),
                "responseLength": len(body),
                "error.responseType": _RESPONSES[status] if own else "-",
                "integrationStatus": "-" if own else 200,
            }
            _write(settings["destinationarn"].split(":")[6], line(settings["format"], values))
        return status, answered, body

    apigateway.handle_execute = logged


def line(format_: str, values: dict[str, object]) -> str:
    """Return a line of a format that is JSON; a variable that has no value is a KeyError."""
    return json.dumps({name: str(values[text.removeprefix("$context.")]) for name, text in json.loads(format_).items()})


def _write(group: str, message: str) -> None:
    from ministack.services import cloudwatch_logs

    if "access" not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": "access"})
    event = {"timestamp": int(time.time() * 1000), "message": message}
    cloudwatch_logs._put_log_events({"logGroupName": group, "logStreamName": "access", "logEvents": [event]})
