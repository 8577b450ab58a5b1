"""A time series and the threshold from which it is an alarm; the thresholds that people set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from infra.watch.metrics import Formula, Metric

MINUTE: Final = 60
FIVE_MINUTES: Final = 300


@dataclass(frozen=True)
class Thresholds:
    """Thresholds that are configured, because they depend on the traffic.

    Attributes:
        backlog: Messages that wait.
        backfill_backlog: Messages of backfills that wait.
        message_age: Seconds that the oldest of them has waited.
        drain_time: Seconds until none waits any more.
        rejects: Messages within five minutes.
        page_refusals: Requests within five minutes.
    """

    backlog: int
    backfill_backlog: int
    message_age: int
    drain_time: int
    rejects: int
    page_refusals: int


@dataclass(frozen=True)
class Watched:
    """A time series and its threshold.

    Attributes:
        description: What it means and what to do.
        first: The operators' command to begin with; `status` shows what waits, and each alarm that is on.
        periods: How many in a row must be at or above the threshold.
        past_pager: Whether it notifies the operators' topic itself, because it is about the pager.
    """

    series: Metric | Formula
    threshold: int
    description: str
    periods: int = 1
    first: str = "status"
    past_pager: bool = False
