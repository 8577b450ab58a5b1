"""CloudWatch's metrics of the last five minutes; the latest of them are a minute or two old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ops.stack.aws import translated
from worker.contracts import metrics

if TYPE_CHECKING:
    from datetime import datetime

    from ops.stack.aws import Clients

MINUTES: Final = 5
_SPAN: Final = timedelta(minutes=MINUTES)


@dataclass(frozen=True)
class Metric:
    """One metric of one resource; `statistic` is Sum, Maximum or Average."""

    namespace: str
    name: str
    dimension: str
    resource: str
    statistic: str


def oldest_message(queue_name: str) -> Metric:
    """Return the metric of how long the oldest message has waited, in seconds."""
    return Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue_name, "Maximum")


def handled_messages(queue_name: str) -> Metric:
    """Return the metric of how many messages were settled."""
    return Metric("AWS/SQS", "NumberOfMessagesDeleted", "QueueName", queue_name, "Sum")


def of_worker(name: str, function: str) -> Metric:
    """Return the metric `name` of the worker: Invocations, Errors or Throttles."""
    return Metric("AWS/Lambda", name, "FunctionName", function, "Sum")


def resampled_with_simd(function: str) -> Metric:
    """Return the metric of how many of the worker's batches resampled with SIMD, 0 to 1."""
    return Metric(metrics.NAMESPACE, metrics.SIMD, metrics.FUNCTION, function, "Average")


def retried(function: str) -> Metric:
    """Return the metric of how many of the worker's messages are to be tried again."""
    return Metric(metrics.NAMESPACE, metrics.RETRIED, metrics.FUNCTION, function, "Sum")


def latest(clients: Clients, metric: Metric, now: datetime) -> float | None:
    """Return the metric's value over the last five minutes, None where CloudWatch has none.

    A sum is added up by the minute. Where a period of five minutes begins CloudWatch does not say; the embedded one's begins with the
    clock's, and leaves out what was before.

    Raises:
        Refusal: AWS does not say.
    """
    with translated("read the metrics", clients.endpoint_url):
        answer = clients("cloudwatch").get_metric_statistics(
            Namespace=metric.namespace,
            MetricName=metric.name,
            Dimensions=[{"Name": metric.dimension, "Value": metric.resource}],
            StartTime=now - _SPAN,
            EndTime=now,
            Period=60 if metric.statistic == "Sum" else MINUTES * 60,
            Statistics=[metric.statistic],
        )
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    values = [float(point[metric.statistic]) for point in points]
    if not values:
        return None
    return sum(values) if metric.statistic == "Sum" else values[-1]
