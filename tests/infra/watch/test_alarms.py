"""The alarms: each has a metric that exists, notifies, and treats missing data right."""

from __future__ import annotations

import json

import pytest

from infra.messaging.queues import DAY, HOUR
from infra.watch.thresholds import PAGING
from local.monitoring.metric_math import Expression
from tests.infra.recording import record
from worker.contracts import metrics

DOCUMENTED = {
    "AWS/SQS": {
        "QueueName": {
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfEmptyReceives",
            "NumberOfMessagesDeleted",
            "NumberOfMessagesReceived",
            "NumberOfMessagesSent",
            "SentMessageSize",
        }
    },
    "AWS/Lambda": {
        "FunctionName": {
            "ConcurrentExecutions",
            "DeadLetterErrors",
            "DestinationDeliveryFailures",
            "Duration",
            "Errors",
            "Invocations",
            "Throttles",
        }
    },
    "AWS/Events": {"RuleName": {"FailedInvocations", "Invocations", "InvocationsFailedToBeSentToDlq", "MatchedEvents"}},
    "AWS/SNS": {"TopicName": {"NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"}},
    metrics.NAMESPACE: {metrics.FUNCTION: set(metrics.UNITS)},
}
"""By namespace and dimension, the metrics that there are:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
"""
RESOURCES = {
    "QueueName": {"images-dev-queue", "images-dev-backfill", "images-dev-dead-letters"},
    "FunctionName": {"images-dev-worker", "images-dev-pager"},
    "RuleName": {"images-dev-events"},
    "TopicName": {"images-dev-alarms"},
}
GAUGES = {
    "ApproximateNumberOfMessagesVisible",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateAgeOfOldestMessage",
    "Duration",
    metrics.PEAK_MEMORY,
}


@pytest.fixture(scope="module")
def program():
    """Return the program with every alarm that every stack may have: a rule tells its queue."""
    return record(source={"events": "eventbridge"})


def alarms(program):
    """Return the inputs of every metric alarm, by its name without the prefix."""
    found = program.all("cloudwatch/metricAlarm:MetricAlarm")
    return {alarm.name.removeprefix("images-dev-"): alarm.inputs for alarm in found}


def series(alarm):
    """Return every time series of an alarm: namespace, name, dimensions, statistic."""
    if "metricQueries" in alarm:
        parts = [query["metric"] for query in alarm["metricQueries"] if "metric" in query]
        return [(part["namespace"], part["metricName"], part["dimensions"], part["stat"]) for part in parts]
    return [(alarm["namespace"], alarm["metricName"], alarm["dimensions"], alarm["statistic"])]


def test_every_metric_exists_with_its_dimension_on_a_resource_of_the_stack(program):
    """A misspelt metric is no error on AWS: its alarm just never goes off."""
    for key, alarm in alarms(program).items():
        for namespace, name, dimensions, _ in series(alarm):
            ((dimension, resource),) = dimensions.items()
            assert name in DOCUMENTED[namespace][dimension], key
            assert resource in RESOURCES[dimension], key


def test_gauges_are_watched_by_maximum_and_events_by_sum(program):
    """Sum of a gauge counts the same message once a minute, Maximum of events is always one."""
    for alarm in alarms(program).values():
        for _, name, _, statistic in series(alarm):
            assert statistic == ("Maximum" if name in GAUGES else "Sum"), name


def test_every_queue_has_its_depth_and_its_age_watched(program):
    """Without exception; the dead letters' depth is their presence, their age is the time until they are lost."""
    watched = {(s[2].get("QueueName"), s[1]) for alarm in alarms(program).values() for s in series(alarm)}
    gauges = ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage")
    every = {(queue.name, gauge) for queue in program.all("sqs/queue:Queue") for gauge in gauges}
    assert len(every) == 6
    assert every <= watched


def test_no_alarm_is_calmed_by_looking_at_dead_letters():
    """Of the pipeline's or a subscriber's: receiving letters hides them, so the hidden ones count as much as the visible."""
    program = record(
        subscribers={"crm": {"protocol": "sqs"}, "web": {"protocol": "https", "endpoint": "https://a.example/"}}
    )
    redrives = [
        queue.inputs["redrivePolicy"] for queue in program.all("sqs/queue:Queue") if "redrivePolicy" in queue.inputs
    ]
    subscriptions = program.all("sns/topicSubscription:TopicSubscription")
    redrives += [each.inputs["redrivePolicy"] for each in subscriptions if each.inputs["protocol"] != "lambda"]
    letters = {json.loads(redrive)["deadLetterTargetArn"].removeprefix("arn:") for redrive in redrives}
    assert len(letters) == 3
    depth = {"ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"}
    watching = [
        alarm
        for alarm in alarms(program).values()
        if any(dimensions.get("QueueName") in letters and name in depth for _, name, dimensions, _ in series(alarm))
    ]
    assert len(watching) == 3
    for alarm in watching:
        (formula,) = [query for query in alarm["metricQueries"] if "expression" in query]
        for values in ({"visible": 1, "hidden": 0}, {"visible": 0, "hidden": 1}):
            assert Expression.parse(formula["expression"]).value(values, 60) >= alarm["threshold"]
        assert Expression.parse(formula["expression"]).value({"visible": 0, "hidden": 0}, 60) < alarm["threshold"]
        assert {name for _, name, _, _ in series(alarm)} == depth


def test_every_alarm_notifies_of_both_states_and_explains_itself(program):
    """ALARM and OK go to the topic, silence is fine, and the description says what it means and what to do."""
    page = program.one("cloudwatch/compositeAlarm:CompositeAlarm", "unhealthy").inputs
    for key, alarm in {**alarms(program), "unhealthy": page}.items():
        past_pager = ["arn:images-dev-operators"] if key == "pager-failed" else []
        assert alarm["alarmActions"] == ["arn:images-dev-alarms", *past_pager]
        assert alarm["okActions"] == ["arn:images-dev-alarms"]
        assert 100 < len(alarm["alarmDescription"]) < 1024
        assert alarm.get("treatMissingData", "notBreaching") == "notBreaching"
    assert all(alarm["treatMissingData"] == "notBreaching" for alarm in alarms(program).values())


def test_one_composite_alarm_pages(program):
    """It names alarms that exist, goes off when any of them does, and says that it is silent beside them."""
    (page,) = program.all("cloudwatch/compositeAlarm:CompositeAlarm")
    assert page.inputs["alarmRule"] == " OR ".join(f'ALARM("images-dev-{key}")' for key in PAGING)
    assert set(PAGING) <= set(alarms(program))
    assert page.inputs["alarmName"] == "images-dev-unhealthy-worker"
    assert "it sends no message of its own beside theirs" in page.inputs["alarmDescription"]


@pytest.mark.parametrize(
    ("waiting", "deleted", "seconds"),
    [(0, 0, 0), (0, None, 0), (None, None, 0), (1, 0, 300), (12, None, 3600), (100, 50, 600), (100, 300, 100)],
)
def test_the_time_to_drain_is_right_and_never_divides_by_zero(program, waiting, deleted, seconds):
    """Nothing waiting is no time; nothing completed counts as one; one fresh message stays far below the threshold."""
    alarm = alarms(program)["time-to-drain"]
    (formula,) = [query for query in alarm["metricQueries"] if "expression" in query]
    assert formula["returnData"] is True
    assert Expression.parse(formula["expression"]).names == {"waiting", "deleted"}
    value = Expression.parse(formula["expression"]).value({"waiting": waiting, "deleted": deleted}, 300)
    assert value == seconds
    assert (value >= alarm["threshold"]) == (seconds >= 3600)


@pytest.mark.parametrize("days", [1, 4, 11])
def test_operators_are_notified_before_the_first_letter_is_lost(days):
    """SQS deletes a letter by its first day, but its age counts from its move: the longest wait is taken off, too."""
    threshold = alarms(record(queue={"retentionDays": days}))["dead-letters-expiring"]["threshold"]
    assert threshold == 14 * DAY - days * DAY - 48 * HOUR
    assert threshold > 0


def test_thresholds_of_the_worker_follow_its_timeout_and_memory():
    """Nine tenths of what is configured, in the metrics' units: milliseconds and megabytes."""
    program = record(worker={"timeout": 100, "memory": 1000})
    assert alarms(program)["worker-duration"]["threshold"] == 90_000
    assert alarms(program)["worker-memory"]["threshold"] == 900
