"""The worker's log: the lines within a time that have a word. Never searched by Logs Insights, which costs by the gigabyte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ops.stack.aws import translated

if TYPE_CHECKING:
    from ops.stack.aws import Clients

_METRICS: Final = "_aws"
"""Tells CloudWatch which fields of the line are metrics, and a person nothing."""


@dataclass(frozen=True)
class Line:
    """One line as it was written, `at` UTC."""

    at: datetime
    message: str

    @property
    def document(self) -> dict[str, Any]:
        """What it says; a line that is no JSON object, such as Lambda's own, is all `message`."""
        try:
            document = json.loads(self.message)
        except ValueError:
            return {"message": self.message.rstrip()}
        if not isinstance(document, dict):
            return {"message": document}
        return {name: value for name, value in document.items() if name != _METRICS}


@dataclass(frozen=True)
class Excerpt:
    """Lines in the order of their times; `is_all`: whether the log was read to the end of the time that was asked for."""

    lines: tuple[Line, ...]
    is_all: bool


@dataclass(frozen=True)
class WorkerLog:
    """The log of one stack's worker."""

    clients: Clients
    group: str

    def read(self, word: str, since: datetime, until: datetime, *, pages: int) -> Excerpt:
        """Return the lines that contain `word`, perhaps as a part of another.

        CloudWatch answers from the oldest on, many empty pages of a long log among others
        (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html).

        Args:
            word: Without quotes and blanks.
            since: Of the first line.
            until: Of the last one.
            pages: That are read at most.

        Raises:
            Refusal: AWS does not show the log.
        """
        request = {
            "logGroupName": self.group,
            "filterPattern": f'"{word}"',
            "startTime": _milliseconds(since),
            "endTime": _milliseconds(until),
        }
        found, is_all = [], False
        with translated("read the worker's log", self.clients.endpoint_url):
            answers = self.clients("logs").get_paginator("filter_log_events").paginate(**request)
            for _, page in zip(range(pages), answers, strict=False):
                found += [Line(_moment(event["timestamp"]), event["message"]) for event in page["events"]]
                is_all = not page.get("nextToken")
        return Excerpt(tuple(sorted(found, key=lambda line: line.at)), is_all)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
