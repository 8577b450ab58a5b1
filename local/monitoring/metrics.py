"""Metrics that AWS puts into CloudWatch and the emulator does not: gauges of queues, those in log lines, and those that filters count.

Exact where AWS is approximate: the emulator shows its queues without receiving from them.
"""

from __future__ import annotations

import json
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from local.emulator.amended.queues import GAUGES
from local.monitoring.metric_filters import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from local.cloud import Cloud

NAMESPACE: Final = "AWS/SQS"
_POINTS: Final = 1000
"""Of one request (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html)."""
_LATE: Final = 60_000
"""Milliseconds that a log event may be older than one that is there already."""
_DIRECTLY: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Feeder:
    """Puts the gauges of the queues, and the metrics that functions have logged since the last time."""

    cloud: Cloud
    _seen: set[str] = field(default_factory=set)
    _since: int = 0

    def feed(self) -> None:
        """Send the data points of now."""
        client = self.cloud.client("cloudwatch")
        filters = self.cloud.client("logs").describe_metric_filters()["metricFilters"]
        points: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for group, message in self._new_messages({filter_["logGroupName"] for filter_ in filters}):
            counts = [
                count for filter_ in filters if filter_["logGroupName"] == group for count in counted(filter_, message)
            ]
            for namespace, data in [*embedded_metrics(message), *counts]:
                points[namespace] += data
        for namespace, found in points.items():
            for first in range(0, len(found), _POINTS):
                client.put_metric_data(Namespace=namespace, MetricData=found[first : first + _POINTS])
        data = _of_queues(self.cloud)  # Last: an alarm of a single minute must find the gauges when it is evaluated.
        if data:
            client.put_metric_data(Namespace=NAMESPACE, MetricData=data)

    def _new_messages(self, filtered: Collection[str]) -> list[tuple[str, str]]:
        """Return group and text of the events that were not there the last time: all of `filtered` groups, of others the metrics."""
        logs = self.cloud.client("logs")
        pages = logs.get_paginator("describe_log_groups").paginate()
        events = [
            (name, event["message"], event["timestamp"])
            for name in [group["logGroupName"] for page in pages for group in page["logGroups"]]
            for page in logs.get_paginator("filter_log_events").paginate(
                logGroupName=name, startTime=self._since, filterPattern="" if name in filtered else '"_aws"'
            )
            for event in page["events"]
        ]
        new = [event for event in events if event[1] not in self._seen]  # Each has its request's id.
        self._seen.update(message for _, message, _ in new)
        self._since = max([self._since, *(timestamp - _LATE for _, _, timestamp in new)])
        return [(name, message) for name, message, _ in new]


def embedded_metrics(line: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield namespace and data points of a log line in CloudWatch's embedded metric format; none of any other line.

    They are without its time, so that they are of now: a minute is short here, and an invocation may take longer.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    document = json.loads(line) if line.startswith("{") else {}
    for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
        yield (
            directive["Namespace"],
            [
                {
                    "MetricName": metric["Name"],
                    "Dimensions": [{"Name": name, "Value": document[name]} for name in dimensions],
                    "Value": document[metric["Name"]],
                    "Unit": metric["Unit"],
                }
                for dimensions in directive["Dimensions"]
                for metric in directive["Metrics"]
            ],
        )


def _of_queues(cloud: Cloud) -> list[dict[str, Any]]:
    with _DIRECTLY.open(f"{cloud.endpoint_url}{GAUGES}", timeout=10) as answer:
        by_queue: dict[str, dict[str, float]] = json.load(answer)
    return [
        {"MetricName": metric, "Dimensions": [{"Name": "QueueName", "Value": name}], "Value": value, "Unit": unit}
        for name, gauges in by_queue.items()
        for metric, value in gauges.items()
        for unit in ["Seconds" if metric == "ApproximateAgeOfOldestMessage" else "Count"]
    ]
