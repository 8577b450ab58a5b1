"""The metrics of alarms and graphs: AWS's own of the queues, the rule and the function, and the worker's.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.page.access_log import API_ID
from worker.contracts import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from infra.messaging.bucket_events import BucketEvents
    from infra.messaging.queues import DeadLetterQueue, Queue
    from infra.messaging.subscriptions import SubscriberQueue
    from infra.page.upload_page import UploadPage
    from infra.watch.pager import Pager
    from infra.worker.logged_function import LoggedFunction

    AnyQueue = Queue | DeadLetterQueue | SubscriberQueue


@dataclass(frozen=True)
class Metric:
    """One time series, and how a period's data points become one.

    Attributes:
        statistic: Maximum for what is, Sum for what happens: Sum of a gauge counts the same message every minute.
        period: Seconds.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    period: int


@dataclass(frozen=True)
class Formula:
    """A time series that is computed from others, which are named in it by their ids."""

    expression: str
    label: str
    metrics: Mapping[str, Metric]

    def queries(self) -> list[dict[str, Any]]:
        """Return the metric queries of an alarm; the formula's own is the one that it watches."""
        series = [
            {
                "id": id_,
                "metric": {
                    "namespace": metric.namespace,
                    "metric_name": metric.name,
                    "dimensions": metric.dimensions,
                    "stat": metric.statistic,
                    "period": metric.period,
                },
            }
            for id_, metric in self.metrics.items()
        ]
        return [*series, {"id": "result", "expression": self.expression, "label": self.label, "return_data": True}]


def waiting(queue: AnyQueue, period: int) -> Metric:
    """Messages that can be received."""
    return _of_queue(queue, "ApproximateNumberOfMessagesVisible", "Maximum", period)


def held(queue: AnyQueue, period: int) -> Formula:
    """Messages that are in the queue, also those that a reader hides: looking at dead letters hides them.

    Without FILL: SQS sends both numbers or none, and the latest minute, which may come late, would count as empty
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).
    """
    hidden = _of_queue(queue, "ApproximateNumberOfMessagesNotVisible", "Maximum", period)
    return Formula("visible + hidden", "messages", {"visible": waiting(queue, period), "hidden": hidden})


def oldest(queue: AnyQueue, period: int) -> Metric:
    """Seconds that the oldest message has been in the queue."""
    return _of_queue(queue, "ApproximateAgeOfOldestMessage", "Maximum", period)


def time_to_drain(queue: Queue, period: int) -> Formula:
    """Seconds until the queue is empty if messages are completed as fast as within the last period.

    Where none was completed, one is assumed: nothing is divided by zero, a single message that has just come is no
    cause for alarm, and a queue that does not drain is one from a dozen messages on.
    """
    deleted = _of_queue(queue, "NumberOfMessagesDeleted", "Sum", period)
    expression = "FILL(waiting, 0) * PERIOD(waiting) / IF(FILL(deleted, 0) > 0, deleted, 1)"
    return Formula(expression, "seconds to drain", {"waiting": waiting(queue, period), "deleted": deleted})


def undelivered(events: BucketEvents, period: int) -> Metric:
    """Events that a rule could not send to its queue, those among them that it could not even leave as a dead letter.

    No sum with InvocationsFailedToBeSentToDlq: EventBridge sends no zeros, so FILL would have to, and a minute that comes late
    would count as empty (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html).
    """
    return Metric("AWS/Events", "FailedInvocations", {"RuleName": events.name}, "Sum", period)


def of_function(function: LoggedFunction, name: str, statistic: str, period: int) -> Metric:
    """Return one of AWS's metrics of a function."""
    return Metric("AWS/Lambda", name, {"FunctionName": function.name}, statistic, period)


def untold(pager: Pager, period: int) -> Formula:
    """Return how many changes of alarms neither the pager told nor Lambda in its place, and how many SNS could not hand to it.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
    """
    unsent = of_function(pager, "DestinationDeliveryFailures", "Sum", period)
    topic = {"TopicName": pager.alarm_topic.name}
    undelivered = Metric("AWS/SNS", "NumberOfNotificationsFailed", topic, "Sum", period)
    expression = "FILL(unsent, 0) + FILL(undelivered, 0)"
    return Formula(expression, "changes", {"unsent": unsent, "undelivered": undelivered})


def of_api(page: UploadPage, name: str, statistic: str, period: int) -> Metric:
    """Return one of the metrics of the upload page's API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    """
    return Metric("AWS/ApiGateway", name, {API_ID: page.api_id}, statistic, period)


def of_access_log(page: UploadPage, name: str, period: int) -> Metric:
    """Return how many requests the access log of the upload page's API has of one kind."""
    return Metric(metrics.NAMESPACE, name, {API_ID: page.api_id}, "Sum", period)


def sent_by(function: LoggedFunction, name: str, statistic: str, period: int) -> Metric:
    """Return one of the metrics that a function sends itself."""
    return Metric(metrics.NAMESPACE, name, {metrics.FUNCTION: function.name}, statistic, period)


def _of_queue(queue: AnyQueue, name: str, statistic: str, period: int) -> Metric:
    return Metric("AWS/SQS", name, {"QueueName": queue.name}, statistic, period)
