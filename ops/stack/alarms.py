"""The stack's alarms as CloudWatch sees them now, and on the embedded AWS their notifications."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.stack.aws import translated

if TYPE_CHECKING:
    from pathlib import Path

    from ops.stack.aws import Clients

NAMES: Final = (
    "backlog",
    "message-age",
    "time-to-drain",
    "backfill-backlog",
    "backfill-age",
    "dead-letters",
    "dead-letters-expiring",
    "events-failed",
    "worker-errors",
    "worker-throttles",
    "worker-duration",
    "worker-memory",
    "rejects",
    "audit-found-again",
    "audit-errors",
    "pager-failed",
    "page-errors",
    "page-throttles",
    "uploader-throttles",
    "page-refusals",
    "undelivered",
    "unread",
    "unhealthy",
)
"""As the program names them, between its prefix and Pulumi's suffix or a subscriber's name; each has a section in docs/operations.md."""
IN_ALARM: Final = "ALARM"
SHOWN: Final = 3
"""The latest notifications, for people."""


@dataclass(frozen=True)
class Alarm:
    """One alarm; `state` is OK, ALARM or INSUFFICIENT_DATA."""

    name: str
    state: str

    @property
    def section(self) -> str | None:
        """Which of `NAMES` it is."""
        longest_first = sorted(NAMES, key=len, reverse=True)
        return next((name for name in longest_first if f"-{name}" in self.name), None)


def alarms_of(clients: Clients, topic_arn: str) -> list[Alarm]:
    """Return the alarms that notify the stack's topic, by name.

    Raises:
        Refusal: AWS does not say.
    """
    with translated("look at the alarms", clients.endpoint_url):
        pages = (
            clients("cloudwatch")
            .get_paginator("describe_alarms")
            .paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        )
        found = [
            Alarm(alarm["AlarmName"], alarm["StateValue"])
            for page in pages
            for alarm in (*page["MetricAlarms"], *page.get("CompositeAlarms", []))
            if topic_arn in alarm["AlarmActions"]
        ]
    return sorted(found, key=lambda alarm: alarm.name)


@dataclass(frozen=True)
class Notification:
    """One notification: which alarm went into which state, and when, as CloudWatch writes it."""

    alarm: str
    state: str
    at: str

    def line(self) -> str:
        """Return it for people."""
        return f"{self.at[:19]}  {self.state:<5}  {Alarm(self.alarm, self.state).section or self.alarm}"


def notifications_in(file: Path) -> list[Notification]:
    """Return the notifications of alarms that went off and of those that were over, the oldest first.

    Not the first OK of each alarm, which only says that it is watching. None where the stack has just ended.
    """
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return []
    notes: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [
        Notification(each["AlarmName"], each["NewStateValue"], each["StateChangeTime"])
        for each in notes
        if IN_ALARM in {each["NewStateValue"], each["OldStateValue"]}
    ]
