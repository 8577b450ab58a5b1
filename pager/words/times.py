"""Moments and lengths of time in words. Pure."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400


def clock(moment: datetime) -> str:
    """Return the time of day, such as 05:31:02 UTC."""
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"


def lasting(time: timedelta) -> str:
    """Return a length of time, such as 35 min."""
    seconds = max(0, int(time.total_seconds()))
    for unit, name in ((_DAY, "days"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
