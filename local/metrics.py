"""The queue metrics that SQS would send to CloudWatch (`AWS/SQS`) and the emulator does not.

Sent every two seconds, where AWS takes a minute, so that alarms on queues can be seen to go off. Exact where AWS is
approximate: the emulator shows its queues without receiving from them.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from local.cloud import Cloud

NAMESPACE: Final = "AWS/SQS"
INTERVAL: Final = 2.0
"""Seconds between two data points."""
_DIRECTLY: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextmanager
def fed(cloud: Cloud, interval: float = INTERVAL) -> Iterator[None]:
    """Feed the metrics of every queue in `cloud` in the background while the context lasts."""
    stopped = threading.Event()
    feeder = threading.Thread(target=_feed_until, args=(stopped, cloud, interval), name="queue-metrics", daemon=True)
    feeder.start()
    try:
        yield
    finally:
        stopped.set()
        feeder.join()


def queue_metrics(messages: Sequence[Mapping[str, Any]], now: float) -> dict[str, float]:
    """Return the three gauges of one queue that holds `messages` at `now` (seconds since the epoch)."""
    visible = [message for message in messages if message["IsVisible"]]
    in_flight = [message for message in messages if not message["IsVisible"] and message["ReceiveCount"]]
    oldest = min((message["SentTimestamp"] for message in messages), default=now)
    return {
        "ApproximateNumberOfMessagesVisible": len(visible),
        "ApproximateNumberOfMessagesNotVisible": len(in_flight),
        "ApproximateAgeOfOldestMessage": max(0.0, now - oldest),
    }


def _feed_until(stopped: threading.Event, cloud: Cloud, interval: float) -> None:
    while not stopped.wait(interval):
        try:
            _feed_once(cloud)
        except (OSError, BotoCoreError, ClientError):
            continue  # The emulator is on its way out; whoever works with it is told by its own next request.


def _feed_once(cloud: Cloud) -> None:
    now = time.time()
    data = [
        {"MetricName": metric, "Dimensions": [{"Name": "QueueName", "Value": name}], "Value": value, "Unit": unit}
        for name, messages in _queues(cloud)
        for metric, value in queue_metrics(messages, now).items()
        for unit in ["Seconds" if metric == "ApproximateAgeOfOldestMessage" else "Count"]
    ]
    if data:
        cloud.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)


def _queues(cloud: Cloud) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the name and the messages of every queue, without touching them."""
    url = f"{cloud.endpoint_url}/_ministack/sqs/messages?account={cloud.account_id}&region={cloud.region}"
    with _DIRECTLY.open(url, timeout=10) as answer:
        by_account = json.load(answer)["messages"]
    by_url = by_account.get(cloud.account_id, {}).get(cloud.region, {})
    return [(queue_url.rpartition("/")[2], messages) for queue_url, messages in by_url.items()]
