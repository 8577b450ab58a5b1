"""Alarms' notifications, log events, and clients that answer like AWS, or refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

AT = datetime(2026, 11, 26, 5, 31, 2, tzinfo=UTC)
ALARM_TOPIC = "arn:aws:sns:eu-central-1:123456789012:images-dev-alarms"
OPERATORS = "arn:aws:sns:eu-central-1:123456789012:images-dev-operators"
ENVIRONMENT = {
    "OPERATORS_TOPIC_ARN": OPERATORS,
    "PREFIX": "images-dev",
    "WORKER_FUNCTION": "images-dev-worker-1a2b3c4",
    "OUTPUT_BUCKET": "images-dev-output-1a2b3c4",
    "OPS": "python -m ops --stack dev",
    "LOGS": json.dumps({"worker": "worker-log", "auditor": "auditor-log", "uploader": "uploader-log"}),
}


def named(key):
    """Return an alarm's name as Pulumi makes it."""
    return f"images-dev-{key}-1a2b3c4"


def notification(key="dead-letters", state="ALARM", was="OK", at=AT, **changed):
    """Return the record of SNS with a change of an alarm, as CloudWatch publishes it."""
    note = {
        "AlarmName": named(key),
        "AlarmDescription": f"What it means. Begin with: python -m ops --stack dev dlq list; then docs/operations.md#{key}.",
        "NewStateValue": state,
        "OldStateValue": was,
        "NewStateReason": "Threshold Crossed: 1 datapoint [3.0] was greater than or equal to the threshold (1.0).",
        "StateChangeTime": at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        **changed,
    }
    return {"TopicArn": ALARM_TOPIC, "Subject": f'{state}: "{named(key)}"', "Message": json.dumps(note)}


def described(key, *, on=True, since=AT, rule=""):
    """Return an alarm as CloudWatch describes it; one with a rule is a composite alarm."""
    alarm = {
        "AlarmName": named(key),
        "StateValue": "ALARM" if on else "OK",
        "StateUpdatedTimestamp": since,
        "AlarmActions": [ALARM_TOPIC],
    }
    if rule:
        return {**alarm, "AlarmRule": rule}
    return {**alarm, "Namespace": "AWS/SQS", "MetricName": "Letters", "Dimensions": [], "Statistic": "Maximum"}


def logged(event, at=AT, **fields):
    """Return a line of a log as CloudWatch Logs has it."""
    return {"timestamp": int(at.timestamp() * 1000), "message": json.dumps({"event": event, **fields})}


def rejected(count, at=AT - timedelta(seconds=30), reason="truncated", **fields):
    """Return the log of so many rejects."""
    told = {"reason": reason, "detail": "The upload was cut off."}
    return [logged("message.reject", at, **{"keys": [f"cats/{each}.jpg"], **told, **fields}) for each in range(count)]


def retried(*keys, at=AT - timedelta(minutes=1), reason="access-denied", **fields):
    """Return the log of an attempt at each of these pictures that is tried again."""
    told = {"reason": reason, "detail": "s3:PutObject on out"}
    return [logged("message.retry", at, **{"keys": [key], **told, **fields}) for key in keys]


class Aws:
    """All clients at once. `refused` are the operations that AWS denies, `broken` those that fail in a way that nobody expects."""

    def __init__(self, *alarms, events=(), history=(), values=(0, 0, 3), index=(), refused=(), broken=()):
        self.index = list(index)
        self.alarms, self.events, self.history, self.values = alarms, list(events), list(history), list(values)
        self.refused, self.broken, self.asked, self.published = set(refused), set(broken), [], []

    def __call__(self, service):
        return self

    def _ask(self, operation, **request):
        self.asked.append((operation, request))
        if operation in self.refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
        if operation in self.broken:
            raise RuntimeError(operation)

    def get_paginator(self, operation):
        self._ask(operation)
        return self

    def paginate(self, **request):
        metric = [alarm for alarm in self.alarms if "AlarmRule" not in alarm]
        return [{"MetricAlarms": metric, "CompositeAlarms": [each for each in self.alarms if "AlarmRule" in each]}]

    def describe_alarm_history(self, **request):
        self._ask("describe_alarm_history", **request)
        items = [
            {"Timestamp": at, "HistorySummary": f"Alarm updated from {was[0] if was else 'X'} to {state}"}
            for state, at, *was in self.history
        ]
        return {"AlarmHistoryItems": items}

    def filter_log_events(self, **request):
        self._ask("filter_log_events", **request)
        start = int(request.get("nextToken", 0))
        page = [event for event in self.events[start : start + 100] if event["timestamp"] >= request["startTime"]]
        return {"events": page, **({"nextToken": str(start + 100)} if len(self.events) > start + 100 else {})}

    def get_metric_data(self, **request):
        self._ask("get_metric_data", **request)
        queries = request["MetricDataQueries"]
        return {"MetricDataResults": [{"Id": query["Id"], "Values": self.values} for query in queries]}

    def get_function_configuration(self, **request):
        self._ask("get_function_configuration", **request)
        return {"LastModified": "2026-11-26T05:19:02.000+0000"}

    def list_objects_v2(self, **request):
        self._ask("list_objects_v2", **request)
        page = [{"Key": key} for key in self.index[:1000] if key.startswith(request["Prefix"])]
        return {"IsTruncated": len(self.index) > 1000, **({"Contents": page} if page else {})}

    def publish(self, **request):
        self._ask("publish", **request)
        self.published.append(request)
