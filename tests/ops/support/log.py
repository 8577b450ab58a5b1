"""The worker's log in memory: the one request that `ops.stack.worker_log` makes, answered in pages as CloudWatch does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ops.stack.worker_log import WorkerLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

DENIED = ClientError(
    {"Error": {"Code": "AccessDeniedException", "Message": "not authorized to perform: logs:FilterLogEvents"}},
    "FilterLogEvents",
)


@dataclass
class MemoryLog:
    """Lines that the worker wrote, and what was asked for them.

    Attributes:
        per_page: Lines that are looked at for one answer, whether they match or not.
        failing: Raised instead of an answer.
        pages: That were answered.
    """

    per_page: int = 1000
    failing: Exception | None = None
    pages: int = 0
    endpoint_url: str | None = None
    _lines: list[tuple[datetime, str]] = field(default_factory=list)

    @property
    def log(self) -> WorkerLog:
        """What reads it."""
        clients: Any = self
        return WorkerLog(clients, "images-worker")

    def write(self, at: datetime, event: str, *keys: str, **fields: Any) -> None:
        """Add the line of an outcome; every key has the message's result, unless `results` says otherwise."""
        results = [fields.get("reason", "ready")] * len(keys)
        self.write_text(
            at, json.dumps({"event": event, "keys": keys, "results": results, **fields}, ensure_ascii=False)
        )

    def write_text(self, at: datetime, message: str) -> None:
        """Add any line."""
        self._lines.append((at, message))

    def __call__(self, service: str) -> Any:
        assert service == "logs"
        return self

    def get_paginator(self, request: str) -> Any:
        assert request == "filter_log_events"
        return self

    def paginate(
        self,
        *,
        logGroupName: str,  # noqa: N803 - CloudWatch's names
        filterPattern: str,  # noqa: N803 - same
        startTime: int,  # noqa: N803 - same
        endTime: int,  # noqa: N803 - same
    ) -> Iterator[dict[str, Any]]:
        assert logGroupName == "images-worker"
        assert startTime <= endTime, "CloudWatch refuses it"
        word = filterPattern[1:-1]
        assert filterPattern == f'"{word}"'
        assert not set(word) & set('"\\ ')
        if self.failing:
            raise self.failing
        within = [(_milliseconds(at), text) for at, text in sorted(self._lines)]
        within = [(at, text) for at, text in within if startTime <= at <= endTime]
        for start in range(0, max(1, len(within)), self.per_page):
            self.pages += 1
            found = [(at, text) for at, text in within[start : start + self.per_page] if word in text]
            more = {"nextToken": "more"} if start + self.per_page < len(within) else {}
            yield {"events": [{"timestamp": at, "message": text} for at, text in found], **more}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
