"""The queue metrics that SQS would emit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from local.monitoring.metrics import Feeder, embedded_metrics
from tests.local.provision.orders import QUEUE
from worker.process.embedded_metrics import Emitter


def test_the_metrics_of_every_queue_arrive_in_cloudwatch(shop, cloud):
    """Under the names and the dimension that alarms ask for."""
    name = shop.make(QUEUE, "waiting")["name"]
    url = cloud.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="x")

    def newest(metric):
        now = datetime.now(UTC)
        answer = cloud.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName=metric,
            Dimensions=[{"Name": "QueueName", "Value": name}],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )
        return [point["Maximum"] for point in answer["Datapoints"]]

    Feeder(cloud).feed()

    assert newest("ApproximateNumberOfMessagesVisible") == [1]
    assert newest("ApproximateNumberOfMessagesNotVisible") == [0]
    assert newest("ApproximateAgeOfOldestMessage")


def test_a_log_line_in_embedded_metric_format_is_data_points():
    """One for each metric and set of dimensions, as CloudWatch reads them; the worker's own fields make the line."""
    fields = Emitter("worker", lambda: 7.0).fields({"Rejected": 2, "Ready": 1}, reason="truncated")

    found = [
        (namespace, p["MetricName"], [d["Value"] for d in p["Dimensions"]], p["Value"])
        for namespace, points in embedded_metrics(json.dumps({"event": "message.reject", **fields}))
        for p in points
    ]

    assert found == [
        ("ImagePipeline", "Ready", ["worker"], 1),
        ("ImagePipeline", "Rejected", ["worker"], 2),
        ("ImagePipeline", "Rejected", ["worker", "truncated"], 2),
    ]
    assert list(embedded_metrics("START RequestId: 1")) == list(embedded_metrics('{"event": "x"}')) == []
