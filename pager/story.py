"""What is known of an alarm's change: from the alarms, the log, the metrics and the function's last deployment.

Whatever cannot be read is said in the story, which goes without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pager.aws import UNREADABLE, why
from pager.change import ALARM, Change
from pager.known.alarms import Alarm, History, alarms_of, history_of
from pager.known.causes import Cause, causes_of
from pager.known.log_lines import REDRIVEN, Lines, lines_of
from pager.known.series import Series, series_of, sums_of
from pager.silence import OFTEN, times_lately, told_before, told_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pager.settings import Settings

    Client = Callable[[str], Any]
T = TypeVar("T")
BEFORE: Final = timedelta(minutes=15)
"""That the log and the metrics are read from, before the change."""
DELAY: Final = timedelta(minutes=1)
"""That an alarm may be evaluated after what it is about."""
LONGEST: Final = timedelta(hours=6)
"""That the log is read from at most, when an alarm is over."""


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
    missing: tuple[str, ...] = ()

    @property
    def last(self) -> bool:
        """Whether nothing more is said of this alarm for a while."""
        return self.often == OFTEN


@dataclass
class Teller:
    """Finds out one story; `in_time` says whether there is time to go on reading."""

    settings: Settings
    client: Client
    topic_arn: str
    in_time: Callable[[], bool]
    missing: list[str] = field(default_factory=list)

    def tell(self, change: Change) -> Story:
        """Return the story of the change."""
        cloudwatch = self.client("cloudwatch")
        unknown: dict[str, Alarm] = {}
        alarms = self._read("alarms", lambda: alarms_of(cloudwatch, self.topic_arn, self.settings.prefix), unknown)
        if silent := told_elsewhere(change, alarms):
            return Story(change, silent=silent)
        history = self._read("alarm's history", lambda: history_of(cloudwatch, change.name, change.at), History())
        times, began = history.on, _began(change, history.on)
        lines = self._lines(change, began, history.off)
        if silent := told_before(change, alarms, lines.read, times):
            return Story(change, silent=silent)
        own, now = alarms.get(change.name), datetime.now(UTC)
        metric = own.metric if own else None
        return Story(
            change,
            began=began,
            often=times_lately(change, times) if change.state == ALARM else 0,
            others=_others_on(change, alarms.values()),
            pages=any(alarm.is_set_off_by(change.name) for alarm in alarms.values()),
            causes=causes_of(change.key, lines.read),
            whole=lines.whole,
            since=lines.since,
            redriven=sum(1 for line in lines.read if line.kind == REDRIVEN),
            series=self._read("metric", lambda: series_of(cloudwatch, metric, lines.since, now), None)
            if metric
            else None,
            sums=self._read("metrics", lambda: sums_of(cloudwatch, self.settings.worker, lines.since, now), {}),
            deployed=self._read("last deployment", self._deployed, None),
            missing=tuple(self.missing),
        )

    def _lines(self, change: Change, began: datetime | None, over: Sequence[datetime]) -> Lines:
        since = change.at - BEFORE if began is None else max(began - BEFORE, change.at - LONGEST)
        # What an alarm was about before it was over is no news, and would hide what is.
        before = next((moment for moment in over if moment < (began or change.at)), None)
        since = since if before is None else max(since, before - DELAY)
        writer = next((name for name in self.settings.logs if _is_of(change.key, name)), "worker")
        nothing = Lines((), whole=True, since=since)
        group = self.settings.logs[writer]
        return self._read(f"{writer}'s log", lambda: lines_of(self.client("logs"), group, since, self.in_time), nothing)

    def _deployed(self) -> datetime:
        text = self.client("lambda").get_function_configuration(FunctionName=self.settings.worker)["LastModified"]
        return datetime.fromisoformat(f"{text[:19]}+00:00")

    def _read(self, what: str, read: Callable[[], T], instead: T) -> T:
        try:
            return read()
        except UNREADABLE as exc:
            self.missing.append(f"{what}: {why(exc)}")
            return instead


def _began(change: Change, times: Sequence[datetime]) -> datetime | None:
    """Return when an alarm that is over had gone on."""
    return times[0] if change.state != ALARM and times else None


def _others_on(change: Change, alarms: Any) -> tuple[Alarm, ...]:
    on = [alarm for alarm in alarms if alarm.on and alarm.name != change.name and not alarm.rule]
    return tuple(sorted(on, key=lambda alarm: alarm.since))


def _is_of(key: str, writer: str) -> bool:
    """Whether the alarm is about what this function does: `audit-errors` is the auditor's, `page-errors` the uploader's."""
    starts = {"auditor": ("audit-",), "uploader": ("page-", "uploader-")}
    return key.startswith(starts.get(writer, ("worker-",)))
