"""One change of an alarm, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pager.silence import OFTEN

if TYPE_CHECKING:
    from datetime import datetime

    from pager.change import Change
    from pager.known.alarms import Alarm
    from pager.known.causes import Cause
    from pager.known.rejected import Rejected
    from pager.known.series import Series


@dataclass(frozen=True)
class Story:
    """One change and what is around it.

    Attributes:
        silent: What else tells people; None: this story.
        began: When the alarm went on that is over now; None where nobody knows.
        often: How many times it went on within the hour; `OFTEN` is the last that is told.
        others: The other alarms that are on.
        pages: Whether it sets off the alarm to page by.
        deployed: When the worker was deployed last.
        rejected: Pictures that are rejected now; None where nobody asked.
        ops: The operators' commands on this stack, up to the command.
        missing: What could not be read, and why.
    """

    change: Change
    silent: str | None = None
    began: datetime | None = None
    often: int = 0
    others: tuple[Alarm, ...] = ()
    pages: bool = False
    causes: tuple[Cause, ...] = ()
    whole: bool = True
    since: datetime | None = None
    redriven: int = 0
    series: Series | None = None
    sums: dict[str, int] = field(default_factory=dict)
    deployed: datetime | None = None
    rejected: Rejected | None = None
    ops: str = ""
    missing: tuple[str, ...] = ()

    @property
    def last(self) -> bool:
        """Whether nothing more is said of this alarm for a while."""
        return self.often == OFTEN
