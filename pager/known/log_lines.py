"""What a function logged within some minutes: the lines that say what failed, and what was done in spite of that: tried again, redriven.

FilterLogEvents costs nothing but time, so that is bounded; Logs Insights costs by the gigabyte
(https://aws.amazon.com/cloudwatch/pricing/).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

REJECTED: Final = "rejected"
RETRIED: Final = "tried again"
BROKEN: Final = "failed as a whole"
REFUSED: Final = "refused"
REDRIVEN: Final = "redriven"
FINISHED: Final = "done by another attempt"
UNANSWERED: Final = "without an answer"
"""Dead letters that no line tells of."""
KINDS: Final[Mapping[str, str]] = {
    "message.reject": REJECTED,
    "message.retry": RETRIED,
    "request.failed": BROKEN,
    "request.refused": REFUSED,
}
"""By the event's name in the worker's and in the uploader's log."""
DONE: Final = "message.done"
_ENDED_BADLY: Final = ("error", "failure", "timeout")
"""Status of Lambda's report: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html"""
PATTERN: Final = (
    '{ ($.event = "message.reject") || ($.event = "message.retry") || ($.event = "request.failed")'
    ' || ($.event = "request.refused") || (($.event = "message.done") && ($.redrives > 0)) || (($.event = "message.done") && ($.attempt > 1))'
    ' || ($.errorType = "*") || ($.record.status = "timeout") }'
)
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"""
MOST: Final = 20_000
"""Lines that are read."""
_PAGES: Final = 40


@dataclass(frozen=True)
class Line:
    """One line: `at` in milliseconds since the epoch; `reason` as the function calls it."""

    at: int
    kind: str
    reason: str
    detail: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Lines:
    """What was read, the oldest first.

    Attributes:
        whole: Whether that is all that there is.
        since: From when on.
    """

    read: tuple[Line, ...]
    whole: bool
    since: datetime


def lines_of(logs: Any, group: str, since: datetime, in_time: Callable[[], bool]) -> Lines:
    """Read what `group` has since then, as long as there is time."""
    request = {"logGroupName": group, "startTime": int(since.timestamp() * 1000), "filterPattern": PATTERN}
    found: list[Line] = []
    for _ in range(_PAGES):
        page = logs.filter_log_events(**request)
        found += [line for event in page["events"] for line in _line(event)]
        if not page.get("nextToken"):
            return Lines(tuple(found), whole=True, since=since)
        if len(found) >= MOST or not in_time():
            break
        request["nextToken"] = page["nextToken"]
    return Lines(tuple(found[:MOST]), whole=False, since=since)


def _line(event: Mapping[str, Any]) -> Iterator[Line]:
    try:
        document = json.loads(event["message"])
    except ValueError:
        return
    if not isinstance(document, dict):
        return
    at, keys = event["timestamp"], document.get("keys")
    named = tuple(str(key) for key in keys) if isinstance(keys, list) else ()
    if kind := KINDS.get(str(document.get("event"))):
        reason = document.get("reason") or document.get("code") or "internal-error"
        yield Line(at, kind, str(reason), str(document.get("detail") or _last(document.get("trace"))), named)
    elif document.get("event") == DONE:
        yield from (Line(at, kind, "", "", named) for kind in _done(document))
    elif document.get("errorType"):
        yield Line(at, BROKEN, str(document["errorType"]), str(document.get("errorMessage") or ""), ())
    elif isinstance(record := document.get("record"), dict) and record.get("status") in _ENDED_BADLY:
        yield Line(at, BROKEN, str(record.get("errorType") or record["status"]), "", ())


def _done(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a message that is done was before; one may have been both."""
    attempt = document.get("attempt")
    if document.get("redrives"):
        yield REDRIVEN
    if isinstance(attempt, int) and attempt > 1:
        yield FINISHED


def _last(trace: Any) -> str:
    return str(trace).strip().rpartition("\n")[2] if trace else ""
