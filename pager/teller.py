"""Finds out what is known of an alarm's change: from the alarms, the log, the metrics, the last deployment and the index of rejects.

Whatever cannot be read is said in the story, which goes without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pager.aws import UNREADABLE, why
from pager.change import ALARM, Change
from pager.known.alarms import Alarm, History, alarms_of, history_of
from pager.known.causes import causes_of
from pager.known.log_lines import REDRIVEN, Lines, lines_of
from pager.known.rejected import Rejected, rejected_of
from pager.known.series import series_of, sums_of
from pager.known.unanswered import LATE, LETTERS, unanswered
from pager.silence import KIN, times_lately, told_before, told_elsewhere
from pager.story import Story

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
        from_empty = None if began in history.new else began
        series = self._read("metric", lambda: series_of(cloudwatch, metric, lines.since, now), None) if metric else None
        return Story(
            change,
            began=began,
            often=times_lately(change, times) if change.state == ALARM else 0,
            others=_others_on(change, alarms.values()),
            pages=any(alarm.is_set_off_by(change.name) for alarm in alarms.values()),
            causes=causes_of(change.key, lines.read, unanswered(change, from_empty, lines, series, alarms.values())),
            whole=lines.whole,
            since=lines.since,
            redriven=sum(1 for line in lines.read if line.kind == REDRIVEN),
            series=series,
            sums=self._read("metrics", lambda: sums_of(cloudwatch, self.settings.worker, lines.since, now), {}),
            deployed=self._read("last deployment", self._deployed, None),
            rejected=self._rejected() if change.state != ALARM and change.key in KIN else None,
            ops=self.settings.ops,
            missing=tuple(self.missing),
        )

    def _lines(self, change: Change, began: datetime | None, over: Sequence[datetime]) -> Lines:
        before = BEFORE + LATE if change.key == LETTERS else BEFORE
        since = change.at - before if began is None else max(began - before, change.at - LONGEST)
        # What an alarm was about before it was over is no news, and would hide what is.
        last = next((moment for moment in over if moment < (began or change.at)), None)
        since = since if last is None else max(since, last - DELAY)
        writer = next((name for name in self.settings.logs if _is_of(change.key, name)), "worker")
        nothing = Lines((), whole=False, since=since)
        group = self.settings.logs[writer]
        return self._read(f"{writer}'s log", lambda: lines_of(self.client("logs"), group, since, self.in_time), nothing)

    def _rejected(self) -> Rejected | None:
        return self._read("index of rejects", lambda: rejected_of(self.client("s3"), self.settings.output_bucket), None)

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
