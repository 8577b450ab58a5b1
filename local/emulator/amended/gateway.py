"""What the emulator's CloudFront and API Gateway are made to do as AWS's do: see `local/emulator/amendments.py`.

- X-Forwarded-For has the peer of CloudFront and that of API Gateway, both of which are this computer.
- A distribution reaches the HTTP API that is its origin, in this process: the emulator refuses every host of AWS's.
- Each route's throttling is enforced, as a token bucket
  (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html).
- An API that the function's policy does not let invoke it gets an error, as on AWS.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any, Final

_API_HOST: Final = re.compile(r"([0-9a-f]{8})\.execute-api\.[a-z0-9-]+\.amazonaws\.com")
_LOOPBACK: Final = "127.0.0.1"
_JSON: Final = {"Content-Type": "application/json"}
Answer = tuple[int, dict[str, Any], bytes]


@dataclass
class Bucket:
    """Tokens of one route: `burst` at most, `rate` more every second; a request takes one."""

    rate: float
    burst: float
    tokens: float = field(init=False)
    filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens, self.filled_at = self.burst, time.monotonic()

    def take(self, now: float) -> bool:
        """Take a token if there is one."""
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def amend_gateway() -> None:
    """Wrap the functions, before the first request."""
    _reach_apis_from_distributions()
    _guard_routes()


def _reach_apis_from_distributions() -> None:
    from urllib.parse import parse_qs

    from ministack import app
    from ministack.services import cloudfront

    fetch = cloudfront._fetch_from_origin

    async def fetched(origin: Any, method: str, uri: str, query: str, headers: Any, body: bytes, *viewer: Any) -> Any:
        match = _API_HOST.fullmatch(origin["domain_name"])
        if match is None:
            return await fetch(origin, method, uri, query, headers, body, *viewer)
        _https, client_ip, forwarded_for, _arn = viewer
        sent = cloudfront._origin_request_headers(origin, headers, client_ip, forwarded_for)
        sent = {name.lower(): value for name, value in sent.items()}
        sent["x-forwarded-for"] += f", {_LOOPBACK}"  # API Gateway adds its peer, too.
        status, answered, data = await app._handle_execute_api_request(
            f"{match[1]}.execute-api.localhost",
            uri,
            method,
            sent,
            body,
            parse_qs(query, keep_blank_values=True),
            raw_path=uri,
            raw_query_string=query,
        )
        return status, "", cloudfront._multidict_from_pairs(answered.items()), data

    cloudfront._fetch_from_origin = fetched


def _guard_routes() -> None:
    from ministack.services import apigateway

    invoke = apigateway._invoke_lambda_proxy
    buckets: dict[tuple[Any, ...], Bucket] = {}

    async def guarded(integration: Any, api: str, stage: str, path: str, method: str, *rest: Any, **named: Any) -> Any:
        route = rest[3]
        if (limits := _limits(apigateway._stages.get(api, {}).get(stage, {}), route)) is not None:
            bucket = buckets.setdefault((api, stage, route, *limits), Bucket(*limits))
            if not bucket.take(time.monotonic()):
                return _refusal(429, "Too Many Requests")
        if not _may_invoke(integration["integrationUri"], api, stage, method, path):
            return _refusal(500, "Internal Server Error")
        return await invoke(integration, api, stage, path, method, *rest, **named)

    apigateway._invoke_lambda_proxy = guarded


def _limits(stage: Any, route: str) -> tuple[float, float] | None:
    settings = stage.get("routeSettings", {}).get(route) or stage.get("defaultRouteSettings") or {}
    settings = {name.lower(): value for name, value in settings.items()}
    rate = settings.get("throttlingratelimit")
    return None if rate is None else (rate, settings["throttlingburstlimit"])


def _may_invoke(function_arn: str, api: str, stage: str, method: str, path: str) -> bool:
    """Whether a statement of the function's policy names this very API as the source."""
    from fnmatch import fnmatchcase

    from ministack.services import lambda_svc

    _, _, _, region, account, _, name = function_arn.split(":")
    source = f"arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}{path}"
    policy = lambda_svc._functions[name].get("policy") or {"Statement": []}
    return any(
        statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
        and fnmatchcase(source, statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", ""))
        for statement in policy["Statement"]
    )


def _refusal(status: int, message: str) -> Answer:
    return status, dict(_JSON), json.dumps({"message": message}).encode()
