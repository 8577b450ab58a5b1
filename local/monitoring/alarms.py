"""Evaluates the alarms as CloudWatch does: exact dimensions, missing data as configured, metric math.

Reads the alarms and the data through the API, and sets each state that has changed, which sends the notifications and
moves the composite alarms. A minute of CloudWatch's takes `minute` seconds here, so that alarms can be watched.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from local.monitoring.metric_math import Expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.cloud import Cloud
    from local.monitoring.metric_math import Value

_COMPARISONS: Final = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
_ONE_BUCKET: Final = 2_000_000_000
"""Seconds: a period that the whole asked time is in."""


@dataclass(frozen=True)
class Alarm:
    """One metric alarm, as described by the API."""

    description: Mapping[str, Any]

    @property
    def queries(self) -> list[dict[str, Any]]:
        """The metric queries; a plain alarm is one of a single metric."""
        if self.description.get("Metrics"):
            return list(self.description["Metrics"])
        metric = {name: self.description.get(name) for name in ("Namespace", "MetricName", "Dimensions")}
        statistic = self.description["Statistic"]
        return [{"Id": "m", "MetricStat": {"Metric": metric, "Period": self.description["Period"], "Stat": statistic}}]

    @property
    def period(self) -> int:
        """Seconds of CloudWatch's."""
        return int(next(query["MetricStat"]["Period"] for query in self.queries if "MetricStat" in query))

    def value(self, values: Mapping[str, Value], seconds: float) -> Value:
        """Return the value of the series, given each metric's value in a period of so many seconds."""
        watched = [query for query in self.queries if query.get("Expression")]
        if not watched:
            return next(iter(values.values()))
        return Expression.parse(watched[0]["Expression"]).value(values, seconds)

    def state(self, points: list[Value]) -> str | None:
        """Return the state that the points, newest first, put the alarm into; None for the one that it is in."""
        breaches = _COMPARISONS[self.description["ComparisonOperator"]]
        missing = self.description.get("TreatMissingData", "missing")
        known = [point for point in points if point is not None]
        if not known and missing in {"missing", "ignore"}:
            return "INSUFFICIENT_DATA" if missing == "missing" else None
        bad = sum(breaches(point, self.description["Threshold"]) for point in known)
        bad += (len(points) - len(known)) * (missing == "breaching")
        return "ALARM" if bad == len(points) else "OK"


def evaluate(cloud: Cloud, minute: float) -> None:
    """Evaluate every metric alarm once."""
    client, now = cloud.client("cloudwatch"), datetime.now(UTC)
    pages = client.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    alarms = [Alarm(description) for page in pages for description in page["MetricAlarms"]]
    windows = {(alarm.period, index) for alarm in alarms for index in range(alarm.description["EvaluationPeriods"])}
    data = {window: _ask(client, alarms, window, now, minute) for window in windows}
    for number, alarm in enumerate(alarms):
        seconds = alarm.period * minute / 60
        points = [
            alarm.value(data[alarm.period, index][number], seconds)
            for index in range(alarm.description["EvaluationPeriods"])
        ]
        state = alarm.state(points)
        if state is not None and state != alarm.description["StateValue"]:
            client.set_alarm_state(
                AlarmName=alarm.description["AlarmName"], StateValue=state, StateReason=_reason(alarm, state, points)
            )


def _ask(
    client: Any, alarms: list[Alarm], window: tuple[int, int], now: datetime, minute: float
) -> dict[int, dict[str, Value]]:
    """Return by alarm and id the values of one period, counted back from now."""
    period, index = window
    length = timedelta(seconds=period * minute / 60)
    asked = [
        (number, query["Id"], query["MetricStat"])
        for number, alarm in enumerate(alarms)
        if alarm.period == period
        for query in alarm.queries
        if query.get("MetricStat")
    ]
    answer = client.get_metric_data(
        MetricDataQueries=[
            {"Id": f"q{place}", "MetricStat": {**stat, "Period": _ONE_BUCKET}}
            for place, (_, _, stat) in enumerate(asked)
        ],
        StartTime=now - (index + 1) * length,
        EndTime=now - index * length,
    )
    values: dict[int, dict[str, Value]] = {}
    for (number, id_, _), result in zip(asked, answer["MetricDataResults"], strict=True):
        values.setdefault(number, {})[id_] = result["Values"][0] if result["Values"] else None
    return values


def _reason(alarm: Alarm, state: str, points: list[Value]) -> str:
    shown = ", ".join("no data" if point is None else f"{point:g}" for point in points)
    threshold = f"{alarm.description['ComparisonOperator']} {alarm.description['Threshold']:g}"
    return f"{state}: {shown} (newest first), with {threshold}"
