"""The worker's own log lines about one message."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ops.stack.aws import translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ops.queues.letter import Letter
    from ops.stack.aws import Clients

_PAGES: Final = 20
"""CloudWatch answers many empty pages of a long log; the most that a command waits for."""
_LINES: Final = 20
"""The last ones; a message has one or two at each attempt."""
_AROUND: Final = timedelta(minutes=2)
_METRICS: Final = "_aws"
"""Tells CloudWatch which fields of the line are metrics, and a person nothing."""


def lines_about(clients: Clients, log_group: str, letter: Letter, until: datetime) -> list[dict[str, Any]]:
    """Return the last of what the worker logged about `letter` from when it was sent until it failed, in order.

    Raises:
        Refusal: AWS does not show the log.
    """
    end = until if letter.reason is None else letter.failed_at
    request = {
        "logGroupName": log_group,
        "filterPattern": f'"{letter.original_id}"',
        "startTime": _milliseconds(_first_sent(letter) - _AROUND),
        "endTime": _milliseconds(end + _AROUND),
    }
    # The filter also finds the id as a part of another.
    exactly = re.compile(rf"(?<![\w-]){re.escape(letter.original_id)}(?![\w-])")
    with translated("read the worker's log", clients.endpoint_url):
        events = [event for event in _events(clients("logs"), request) if exactly.search(event["message"])]
    return [_line(event) for event in events[-_LINES:]]


def _first_sent(letter: Letter) -> datetime:
    """A letter that the worker sent is a new message: the old one was sent some time before, a day at most."""
    return letter.sent_at if letter.reason is None else letter.sent_at - timedelta(days=1)


def _events(logs: Any, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    pages = logs.get_paginator("filter_log_events").paginate(**request)
    for _, page in zip(range(_PAGES), pages, strict=False):
        yield from page["events"]


def _line(event: dict[str, Any]) -> dict[str, Any]:
    try:
        document = json.loads(event["message"])
    except ValueError:
        return {"message": event["message"].rstrip()}
    if not isinstance(document, dict):
        return {"message": document}
    return {name: value for name, value in document.items() if name != _METRICS}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
