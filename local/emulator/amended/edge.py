"""What the emulator's CloudFront is made to do at the edge as AWS's does: see `local/emulator/amendments.py`.

- An answer is kept by distribution, path and the query strings of the cache policy, as long as the policy and Cache-Control say
  (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html), and then says so: Age, X-Cache.
- An error is kept as long as AWS keeps errors
  (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html).
- Functions run in the Node.js that Playwright brings along, whatever this computer has.

Where headers or cookies are in the key, or an origin request policy is, every request goes to the origin: nothing of the program's
has both and a cache. So does a request for a range. An invalidation works at once.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MOST_BYTES: Final = 64 * 1024 * 1024
"""Of all bodies; what was asked for longest ago goes first."""
ERROR_SECONDS: Final = 10
_ERRORS_KEPT: Final = frozenset({404, 405, 414, 500, 501, 502, 503, 504})
_ERRORS_KEPT_IF_ASKED: Final = frozenset({400, 403, 412, 415})
_ERROR: Final = 400
_NOT_MODIFIED: Final = 304
_TO_THE_ORIGIN: Final = {"range", "if-match", "if-modified-since", "if-range", "if-unmodified-since"}


@dataclass(frozen=True)
class Answer:
    """What an origin answered; `headers` have lower-case names."""

    status: int
    reason: str
    headers: Mapping[str, Any]
    body: bytes


class Key(NamedTuple):
    """What an answer is kept by: the distribution's ARN, its origin, the path as it was asked for, and the query in the key."""

    distribution: str
    origin: str
    uri: str
    query: str


class Edge:
    """Keeps answers, `most_bytes` of them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, tuple[Answer, float, float]] = OrderedDict()

    def find(self, key: Key, now: float) -> Answer | None:
        """Return the answer that is kept, with its age; `now` in seconds."""
        answer, since, until = self._kept.get(key, (None, 0.0, 0.0))
        if answer is None or now >= until:
            return None
        self._kept.move_to_end(key)
        return Answer(answer.status, answer.reason, {**answer.headers, "age": str(int(now - since))}, answer.body)

    def keep(self, key: Key, answer: Answer, seconds: float, now: float) -> None:
        """Keep an answer for `seconds`."""
        if seconds > 0:
            self._kept[key] = answer, now, now + seconds
            self._kept.move_to_end(key)
        while sum(len(kept.body) for kept, _, _ in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)

    def forget(self, distribution: str, paths: Collection[str]) -> None:
        """Forget the answers of a distribution under `paths`: with their query, or up to a `*` at the end, which matches all.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
        """
        exactly = {unquote(path) for path in paths if not path.endswith("*")}
        starts = tuple(unquote(path[:-1]) for path in paths if path.endswith("*"))
        for key in [key for key in self._kept if key.distribution == distribution]:
            address = unquote(key.uri) + (f"?{key.query}" if key.query else "")
            if address in exactly or address.startswith(starts):
                del self._kept[key]


def seconds_kept(policy: Mapping[str, Any], status: int, cache_control: str) -> float:
    """Return how long CloudFront keeps an answer; `policy` is the configuration of the cache policy."""
    ages = dict(re.findall(r"(s-maxage|max-age)=(\d+)", cache_control))
    asked = next((int(ages[name]) for name in ("s-maxage", "max-age") if name in ages), None)
    if status >= _ERROR:
        least = ERROR_SECONDS if status in _ERRORS_KEPT else 0
        return max(least, asked or 0) if status in _ERRORS_KEPT | _ERRORS_KEPT_IF_ASKED else 0
    if re.search("no-cache|no-store|private", cache_control):
        return float(policy["MinTTL"])
    wanted = policy.get("DefaultTTL", 86_400) if asked is None else asked
    return float(max(policy["MinTTL"], min(wanted, policy.get("MaxTTL", 31_536_000))))


def node() -> str:
    """Return the path of Playwright's Node.js."""
    spec = find_spec("playwright")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "driver" / "node")


def amend_edge() -> None:
    """Wrap the functions, before the first request."""
    from ministack.core import node_pool
    from ministack.services import cloudfront

    assert node_pool._NODE_BINARY == "node"
    node_pool._NODE_BINARY = node()
    fetch, add_headers, edge = cloudfront._fetch_from_origin, cloudfront._add_cloudfront_headers, Edge()

    async def fetched(origin: Any, method: str, uri: str, query: str, headers: Any, body: bytes, *viewer: Any) -> Any:
        policy = _policy_of(viewer[-1], uri)
        if policy is None or method not in {"GET", "HEAD"} or (_TO_THE_ORIGIN & headers.keys() and not _etag(headers)):
            return await fetch(origin, method, uri, query, headers, body, *viewer)
        key = Key(viewer[-1], origin["id"], uri, query)
        answer = edge.find(key, time.time())
        if answer is None:
            plain = {name: value for name, value in headers.items() if not name.startswith("if-")}
            answer = Answer(*await fetch(origin, "GET", uri, query, plain, body, *viewer))
            kept = seconds_kept(policy, answer.status, str(answer.headers.get("cache-control", "")))
            edge.keep(key, answer, kept, time.time())
        return _to_viewer(answer, method, _etag(headers))

    def with_headers(headers: Any, x_cache: str, *args: Any, **kwargs: Any) -> Any:
        return add_headers(headers, "Hit from cloudfront" if "age" in headers else x_cache, *args, **kwargs)

    create = cloudfront._create_invalidation

    def created(id_: str, body: bytes) -> Any:
        before = len(cloudfront._invalidations.get(id_, ()))
        answer = create(id_, body)
        for batch in cloudfront._invalidations.get(id_, ())[before:]:
            edge.forget(cloudfront._distributions[id_]["ARN"], batch["InvalidationBatch"]["Paths"]["Items"])
        return answer

    cloudfront._create_invalidation = created
    cloudfront._fetch_from_origin = fetched
    cloudfront._add_cloudfront_headers = with_headers


def _etag(headers: Mapping[str, Any]) -> str:
    """Return what the viewer has already; other conditions do not count beside it (RFC 9110, 13.2.2)."""
    return "" if "range" in headers else str(headers.get("if-none-match", ""))


def _to_viewer(answer: Answer, method: str, etag: str) -> tuple[int, str, dict[str, Any], bytes]:
    headers = dict(answer.headers)
    if etag and etag == headers.get("etag"):
        told = {name: value for name, value in headers.items() if name in {"age", "cache-control", "etag"}}
        return _NOT_MODIFIED, "Not Modified", told, b""
    return answer.status, answer.reason, headers, b"" if method == "HEAD" else answer.body


def _policy_of(distribution: str, uri: str) -> Any:
    """Return the cache policy that applies to a path; None where nothing is kept."""
    from ministack.services import cloudfront

    (found,) = [each for each in cloudfront._distributions.values() if each["ARN"] == distribution]
    behavior = cloudfront._match_behavior(cloudfront.parse_distribution_dataplane_config(found), uri)
    id_ = behavior["cache_policy_id"]
    policy = cloudfront._cache_policies.get(id_) or cloudfront._MANAGED_CACHE_POLICIES.get(id_)
    if policy is None or behavior["origin_request_policy_id"]:
        return None
    config = policy["Config"]
    key = config["Parameters"]
    return config if (key["HeaderBehavior"], key["CookieBehavior"]) == ("none", "none") else None
