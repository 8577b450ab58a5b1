"""The alarms' notifications on the embedded AWS: a file beside the outputs of its stack."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.stack.alarms import IN_ALARM, Alarm

if TYPE_CHECKING:
    from pathlib import Path

SHOWN: Final = 3
"""The latest notifications, for people."""


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
