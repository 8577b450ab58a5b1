"""Numbers of the last minutes: whether what the alarm watches grows, and what the worker did meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

COUNTED: Final[Mapping[str, str]] = {
    "Errors": "AWS/Lambda",
    "Throttles": "AWS/Lambda",
    "Ready": "ImagePipeline",
    "Rejected": "ImagePipeline",
}
"""Of the worker, by the namespace."""
_MINUTE: Final = 60
_LATEST: Final = 2
"""Minutes, the last of which is not over."""


@dataclass(frozen=True)
class Series:
    """One number a minute, the oldest first."""

    name: str
    values: Sequence[float]

    @property
    def course(self) -> str:
        """How it went: the latest minutes beside those before."""
        if not self.values:
            return ""
        latest, before = max(self.values[-_LATEST:]), max(self.values[:-_LATEST], default=0.0)
        if latest > before:
            return f"it grows: from {before:g} to {latest:g}"
        return f"it holds at {latest:g}" if latest == before else f"it falls: from {before:g} to {latest:g}"


def series_of(cloudwatch: Any, metric: Mapping[str, Any], since: datetime, until: datetime) -> Series:
    """Return a metric's values by the minute."""
    query = {"Id": "watched", "MetricStat": {**metric, "Period": _MINUTE}}
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[query], StartTime=since, EndTime=until, ScanBy="TimestampAscending"
    )
    return Series(metric["Metric"]["MetricName"], answer["MetricDataResults"][0]["Values"])


def sums_of(cloudwatch: Any, worker: str, since: datetime, until: datetime) -> dict[str, int]:
    """Return how many invocations of the worker failed and were throttled, how many pictures became ready and were rejected."""
    queries = [
        {
            "Id": name.lower(),
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": "FunctionName", "Value": worker}],
                },
                "Stat": "Sum",
                "Period": _MINUTE,
            },
        }
        for name, namespace in COUNTED.items()
    ]
    answer = cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=since, EndTime=until)
    found = {result["Id"]: sum(result["Values"]) for result in answer["MetricDataResults"]}
    return {name: int(found.get(name.lower(), 0)) for name in COUNTED}
