"""An alarm's change of state, as CloudWatch publishes it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ALARM: Final = "ALARM"
OK: Final = "OK"
_BEGIN: Final = re.compile(r"\s*Begin with: (?P<command>.+?); then (?P<section>docs/operations\.md#[\w-]+)\.$")
_ZONE: Final = re.compile(r"([+-]\d\d)(\d\d)$")


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        name: The alarm's own, with prefix and suffix.
        key: Its name in the program and the runbook, such as `dead-letters`.
        state: That it went into.
        was: The state before.
        at: When.
        meaning: The alarm's description, without command and section.
        command: To begin with; empty where the description names none.
        section: Of the runbook; empty as well.
        reason: CloudWatch's own sentence.
    """

    name: str
    key: str
    state: str
    was: str
    at: datetime
    meaning: str
    command: str
    section: str
    reason: str

    @classmethod
    def of(cls, sns: Mapping[str, Any], prefix: str) -> Change:
        """Read the notification in a record of SNS.

        Raises:
            KeyError, ValueError: It is no notification of an alarm.
        """
        note = json.loads(sns["Message"])
        description = note.get("AlarmDescription") or ""
        begin = _BEGIN.search(description)
        return cls(
            name=note["AlarmName"],
            key=key_of(note["AlarmName"], prefix),
            state=note["NewStateValue"],
            was=note["OldStateValue"],
            at=_moment(note["StateChangeTime"]),
            meaning=_BEGIN.sub("", description),
            command=begin["command"] if begin else "",
            section=begin["section"] if begin else "",
            reason=note.get("NewStateReason") or "",
        )


def key_of(name: str, prefix: str) -> str:
    """Return an alarm's name without the prefix and without Pulumi's random suffix."""
    return re.sub(r"-[0-9a-f]{7}$", "", name.removeprefix(f"{prefix}-"))


def _moment(text: str) -> datetime:
    """Read a time such as 2026-11-26T05:31:02.123+0000, whose zone has no colon, or one that ends in Z."""
    moment = datetime.fromisoformat(_ZONE.sub(r"\1:\2", text.replace("Z", "+00:00")))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
