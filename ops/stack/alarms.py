"""The stack's alarms, as CloudWatch sees them now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ops.stack.aws import translated

if TYPE_CHECKING:
    from ops.stack.aws import Clients

NAMES: Final = (
    "backlog",
    "message-age",
    "time-to-drain",
    "backfill-backlog",
    "backfill-age",
    "dead-letters",
    "dead-letters-expiring",
    "worker-errors",
    "worker-throttles",
    "worker-duration",
    "worker-memory",
    "rejects",
    "undelivered",
    "unread",
    "unhealthy",
)
"""As the program names them, between its prefix and Pulumi's suffix or a subscriber's name; each has a section in docs/operations.md."""
IN_ALARM: Final = "ALARM"


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
