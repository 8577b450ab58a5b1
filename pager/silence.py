"""When nothing is said, because it has been said: one message for one trouble, and one when it is over. Pure.

The alarms on dead letters and on rejects have one cause. The alarm to page by is set off by others, which speak. An alarm that goes on
and off is told three times within an hour. What is in doubt is told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pager.change import ALARM
from pager.known.alarms import HOUR
from pager.known.log_lines import REJECTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pager.change import Change
    from pager.known.alarms import Alarm
    from pager.known.log_lines import Line

DIRECT: Final = "pager-failed"
"""The alarm that tells people itself: it must not need the pager."""
KIN: Final = frozenset({"dead-letters", "rejects"})
OFTEN: Final = 3
"""Times within an hour; the third says that there is no fourth."""
SOON: Final = timedelta(minutes=15)
_AT_ONCE: Final = timedelta(minutes=5)
_GROWN: Final = 2
"""Times as many rejects are news."""


def told_elsewhere(change: Change, alarms: Mapping[str, Alarm]) -> str | None:
    """Return by what else people hear of the change; None: by nothing."""
    if change.key == DIRECT:
        return "the alarm itself"
    own = alarms.get(change.name)
    if own and own.rule:
        others = [alarm for alarm in alarms.values() if own.is_set_off_by(alarm.name)]
        if any(alarm.on for alarm in others) or any(abs(change.at - alarm.since) < _AT_ONCE for alarm in others):
            return "the alarms that set it off"
    if change.state != ALARM and change.key in KIN and (kin := _kin(change, alarms)) and kin.on:
        return f"{kin.key}, which is still on"
    return None


def told_before(
    change: Change, alarms: Mapping[str, Alarm], rejects: Sequence[Line], went_on: Sequence[datetime]
) -> str | None:
    """Return what has said it already; None: nothing."""
    often = times_lately(change, went_on)
    if often > OFTEN or (often == OFTEN and change.state != ALARM):
        return "the message that it goes on and off"
    if change.state == ALARM and change.key in KIN and (kin := _kin(change, alarms)) and _was_first(kin, change):
        then = sum(1 for line in rejects if line.kind == REJECTED and line.at <= kin.since.timestamp() * 1000)
        now = sum(1 for line in rejects if line.kind == REJECTED)
        if now < _GROWN * max(1, then):
            return kin.key
    return None


def times_lately(change: Change, went_on: Sequence[datetime]) -> int:
    """Return how often the alarm went on within the hour before the change."""
    return sum(1 for moment in went_on if change.at - HOUR < moment <= change.at + _AT_ONCE)


def _kin(change: Change, alarms: Mapping[str, Alarm]) -> Alarm | None:
    return next((alarm for alarm in alarms.values() if alarm.key in KIN - {change.key}), None)


def _was_first(kin: Alarm, change: Change) -> bool:
    """Whether `kin` went on a little earlier; of two within one second, as the embedded AWS counts, the one with the first name did."""
    ahead = (change.at - kin.since).total_seconds()
    return kin.on and ahead < SOON.total_seconds() and (ahead >= 1 or (ahead > -1 and kin.key < change.key))
