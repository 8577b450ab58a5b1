"""What CloudWatch remembers of the stack's alarms: which are on, and how often one of them went on lately.

That is all the memory that the pager has: it keeps no state of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pager.change import ALARM, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

HOUR: Final = timedelta(hours=1)
_TYPES: Final = ["MetricAlarm", "CompositeAlarm"]
_ON, _OFF, _NEW = "to ALARM", "to OK", "from INSUFFICIENT_DATA to ALARM"


@dataclass(frozen=True)
class History:
    """When an alarm went on, and when it was over, the latest first; `new` are the times at which it had not been off before."""

    on: tuple[datetime, ...] = ()
    off: tuple[datetime, ...] = ()
    new: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Alarm:
    """One alarm as it is now.

    Attributes:
        rule: Of a composite alarm: which others set it off.
        metric: What `GetMetricData` takes of the first series that it watches; None for a composite alarm.
    """

    name: str
    key: str
    on: bool
    since: datetime
    rule: str
    metric: Mapping[str, Any] | None

    def is_set_off_by(self, name: str) -> bool:
        """Whether the alarm of that name is in its rule."""
        return f'"{name}"' in self.rule


def alarms_of(cloudwatch: Any, topic_arn: str, prefix: str) -> dict[str, Alarm]:
    """Return the alarms that notify the topic, by their names."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=_TYPES, AlarmNamePrefix=f"{prefix}-")
    described = [
        alarm for page in pages for kind in ("MetricAlarms", "CompositeAlarms") for alarm in page.get(kind, [])
    ]
    return {
        alarm["AlarmName"]: Alarm(
            name=alarm["AlarmName"],
            key=key_of(alarm["AlarmName"], prefix),
            on=alarm["StateValue"] == ALARM,
            since=alarm.get("StateTransitionedTimestamp") or alarm["StateUpdatedTimestamp"],
            rule=alarm.get("AlarmRule") or "",
            metric=_metric(alarm),
        )
        for alarm in described
        if topic_arn in alarm["AlarmActions"]
    }


def history_of(cloudwatch: Any, name: str, until: datetime) -> History:
    """Return when the alarm went on and off within two weeks: CloudWatch keeps no more, one page is enough.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
    """
    answer = cloudwatch.describe_alarm_history(
        AlarmName=name,
        AlarmTypes=_TYPES,
        HistoryItemType="StateUpdate",
        StartDate=until - timedelta(days=14),
        ScanBy="TimestampDescending",
        MaxRecords=100,
    )
    items = answer["AlarmHistoryItems"]
    ends = (_ON, _OFF, _NEW)
    return History(
        *(tuple(item["Timestamp"] for item in items if item["HistorySummary"].endswith(end)) for end in ends)
    )


def _metric(alarm: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first series: a formula's own value needs no repeating, its first operand shows the same growth."""
    stats = [query["MetricStat"] for query in alarm.get("Metrics") or [] if query.get("MetricStat")]
    if stats:
        return {"Metric": stats[0]["Metric"], "Stat": stats[0]["Stat"]}
    if not alarm.get("MetricName"):
        return None
    metric = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
    return {"Metric": metric, "Stat": alarm["Statistic"]}
