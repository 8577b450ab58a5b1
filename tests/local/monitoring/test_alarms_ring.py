"""Every alarm is made to go off and to return to OK, on the whole stack, and notifies of both."""

from __future__ import annotations

import io
import json
import time
from contextlib import contextmanager
from functools import partial

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from local.demo.picture import SAMPLES
from local.engine import running
from ops.queues.queue import Queue
from ops.queues.sweep import Sweep
from ops.stack.aws import Clients
from tests.local.processes.waiting import eventually
from worker.contracts.events import event_body

pytestmark = [pytest.mark.stack, pytest.mark.soak]

MINUTE = 0.5
LOW = {
    "message-age": 1,
    "time-to-drain": 6,
    "backfill-age": 1,
    "dead-letters-expiring": 1,
    "worker-throttles": 1,
    "worker-duration": 250,
    "worker-memory": 90,
}
"""Thresholds below what the configuration takes, so that no test waits for days: seconds, milliseconds, MB."""
CONFIG = {"alarms": {"backlog": 4, "backfillBacklog": 2, "rejects": 2}, "source": {"events": "eventbridge"}}
RUNG: set[str] = set()
"""The alarms that a test has rung and calmed."""


def low(type_, name, inputs):
    """Lower the thresholds of `LOW`."""
    key = name.removeprefix("images-")
    return {**inputs, "threshold": LOW[key]} if type_.endswith(":MetricAlarm") and key in LOW else inputs


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Return the program with low thresholds, where a minute of CloudWatch's takes half a second."""
    with running(directory=tmp_path_factory.mktemp("alarms"), config=CONFIG, transform=low, minute=MINUTE) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _empty_inbox(stack):
    """Let no test take an earlier one's notification for its own."""
    stack.inbox.file.write_text("")


def states(stack):
    """Return the state of every alarm, by its name without prefix and suffix."""
    described = stack.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    both = described["MetricAlarms"] + described["CompositeAlarms"]
    return {short(alarm["AlarmName"]): alarm["StateValue"] for alarm in both}


def state_of(stack, name):
    """Return the state of the alarm of that very name."""
    (alarm,) = stack.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return alarm["StateValue"]


def is_in(stack, alarm, state):
    """Whether `alarm` is in `state`."""
    return states(stack)[alarm] == state


def short(name):
    """Return the alarm's name in the program."""
    return "unhealthy" if name.endswith("-unhealthy") else name.removeprefix("images-").rpartition("-")[0]


def told(stack, alarm, state):
    """Return the last notification that `alarm` is in `state`."""
    notes = [n for n in stack.inbox.notifications() if (short(n["AlarmName"]), n["NewStateValue"]) == (alarm, state)]
    return notes[-1] if notes else None


def rings(stack, *alarms, since):
    """Wait until each of `alarms` is in ALARM and has notified; print its notification."""
    for alarm in alarms:
        assert eventually(partial(is_in, stack, alarm, "ALARM"), 30), alarm
        note = eventually(partial(told, stack, alarm, "ALARM"))
        assert note["AlarmDescription"]
        print(f"{alarm} | {time.monotonic() - since:.1f} s | {note['NewStateReason']}")  # noqa: T201 - the report's table


def calms(stack, *alarms):
    """Wait until each of `alarms` is OK again and has notified."""
    for alarm in alarms:
        assert eventually(partial(is_in, stack, alarm, "OK"), 40), alarm
        assert eventually(partial(told, stack, alarm, "OK"))["OldStateValue"] == "ALARM"
        RUNG.add(alarm)


def upload(stack, sample, *keys):
    """Upload one sample under several keys."""
    for key in keys:
        stack.client("s3").upload_file(str(SAMPLES / sample), stack["source_bucket"], key)


def purge(stack, queue):
    """Empty a queue."""
    stack.client("sqs").purge_queue(QueueUrl=stack[queue])


def waiting(stack, queue):
    """Return how many messages wait in a queue."""
    name = "ApproximateNumberOfMessages"
    return int(
        stack.client("sqs").get_queue_attributes(QueueUrl=stack[queue], AttributeNames=[name])["Attributes"][name]
    )


@contextmanager
def nobody_consuming(stack, queue):
    """Disable the event source mapping of a queue, and enable it again."""
    client = stack.client("lambda")
    mappings = client.list_event_source_mappings(FunctionName=stack["worker_function"])["EventSourceMappings"]
    name = stack[queue].rpartition("/")[2]
    (mapping,) = [each for each in mappings if each["EventSourceArn"].rpartition(":")[2] == name]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def test_an_idle_pipeline_is_ok(stack):
    """Missing data is not breaching: nothing is INSUFFICIENT_DATA, nothing is in ALARM."""
    eventually(lambda: set(states(stack).values()) == {"OK"})
    assert len(states(stack)) == 15


def test_a_large_picture_raises_the_alarms_on_memory_and_duration(stack):
    """A decode that is slow and large; both are over when no more such pictures come."""
    picture, began = io.BytesIO(), time.monotonic()
    Image.new("RGB", (4000, 4000), "teal").save(picture, "PNG", compress_level=1)
    stack.client("s3").put_object(Bucket=stack["source_bucket"], Key="large.png", Body=picture.getvalue())
    rings(stack, "worker-memory", "worker-duration", since=began)
    calms(stack, "worker-memory", "worker-duration")


def test_rejected_pictures_raise_the_alarm_until_they_are_deleted(stack):
    """Several rejects at once, dead letters, and letters that get old; only `rejects` returns to OK by itself."""
    began = time.monotonic()
    upload(stack, "not-a-picture.jpg", *(f"bad/{number}.jpg" for number in range(6)))
    rings(stack, "rejects", "dead-letters", "dead-letters-expiring", "unhealthy", since=began)
    eventually(lambda: waiting(stack, "dead_letter_queue_url") == 6)  # One that came after the purge would ring again.
    calms(stack, "rejects")
    assert states(stack)["dead-letters"] == "ALARM"
    purge(stack, "dead_letter_queue_url")
    calms(stack, "dead-letters", "dead-letters-expiring", "unhealthy")


def test_looking_at_dead_letters_changes_no_alarm(stack):
    """Though a sweep takes longer than the alarm's period: an alarm on the visible letters alone, which shows it, flips."""
    sqs, client, url = stack.client("sqs"), stack.client("cloudwatch"), stack["dead_letter_queue_url"]
    queue = Queue(Clients(stack["region"], stack["endpoint_url"]), url, "dead letters")
    began = time.monotonic()
    of_visible = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
    }
    client.put_metric_alarm(
        AlarmName="visible",
        **of_visible,
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    rings(stack, "dead-letters", since=began)
    try:
        for _ in range(2):
            eventually(lambda: state_of(stack, "visible") == "ALARM")
            with Sweep(queue) as sweep:
                assert len(list(sweep.letters())) == 1
                eventually(lambda: state_of(stack, "visible") == "OK")
        assert is_in(stack, "dead-letters", "ALARM")
    finally:
        client.delete_alarms(AlarmNames=["visible"])
        purge(stack, "dead_letter_queue_url")
    calms(stack, "dead-letters")
    notes = [n["NewStateValue"] for n in stack.inbox.notifications() if short(n["AlarmName"]) == "dead-letters"]
    assert notes == ["ALARM", "OK"]


def test_a_function_that_does_not_start_raises_the_alarm(stack):
    """An invocation fails as a whole; after the function is corrected, the alarm returns to OK."""
    function, client, began = stack["worker_function"], stack.client("lambda"), time.monotonic()
    good = client.get_function_configuration(FunctionName=function)["Handler"]
    client.update_function_configuration(FunctionName=function, Handler="worker.missing.handle")
    assert client.invoke(FunctionName=function, Payload=b'{"Records": []}')["FunctionError"]
    rings(stack, "worker-errors", since=began)
    client.update_function_configuration(FunctionName=function, Handler=good)
    assert "FunctionError" not in client.invoke(FunctionName=function, Payload=b'{"Records": []}')
    calms(stack, "worker-errors")


def test_a_throttled_function_raises_the_alarm(stack):
    """No concurrency is left for the function, then there is some again."""
    function, client, began = stack["worker_function"], stack.client("lambda"), time.monotonic()
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequests"):
        client.invoke(FunctionName=function, Payload=b'{"Records": []}')
    rings(stack, "worker-throttles", since=began)
    client.delete_function_concurrency(FunctionName=function)
    calms(stack, "worker-throttles")


def test_an_event_that_cannot_be_delivered_raises_the_alarm(stack):
    """The queue no longer accepts from the rule; it does again, and the letters go."""
    sqs, url, began = stack.client("sqs"), stack["queue_url"], time.monotonic()
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": policy.replace("events.amazonaws.com", "s3.amazonaws.com")}
    )
    upload(stack, "rocket.jpg", "undelivered.jpg")
    rings(stack, "events-failed", "dead-letters", "dead-letters-expiring", "unhealthy", since=began)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    purge(stack, "dead_letter_queue_url")
    calms(stack, "events-failed", "dead-letters", "dead-letters-expiring", "unhealthy")


def test_a_backlog_without_a_consumer_raises_the_alarm(stack):
    """The mapping is disabled, pictures pile up: backlog, age, time to drain, and the page; then it drains."""
    began = time.monotonic()
    with nobody_consuming(stack, "queue_url"):
        upload(stack, "rocket.jpg", *(f"flood/{number}.jpg" for number in range(5)))
        rings(stack, "message-age", "unhealthy", "backlog", "time-to-drain", since=began)
    calms(stack, "message-age", "backlog", "time-to-drain", "unhealthy")


def test_a_backfill_without_a_consumer_raises_the_alarm(stack):
    """Its messages pile up and grow old without the paging alarm: uploads do not wait behind it."""
    body, began = event_body(stack["source_bucket"], "nothing-there.jpg"), time.monotonic()
    with nobody_consuming(stack, "backfill_queue_url"):
        for _ in range(2):
            stack.client("sqs").send_message(QueueUrl=stack["backfill_queue_url"], MessageBody=body)
        rings(stack, "backfill-age", "backfill-backlog", since=began)
        assert is_in(stack, "unhealthy", "OK")
    calms(stack, "backfill-age", "backfill-backlog")


def test_a_pager_that_nobody_can_call_raises_the_alarm(stack):
    """The topic has no leave to invoke it, for one notification."""
    client, began = stack.client("lambda"), time.monotonic()
    name = next(f["FunctionName"] for f in client.list_functions()["Functions"] if "-pager-" in f["FunctionName"])
    (statement,) = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    client.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    note = {"NewStateValue": "ALARM", "OldStateValue": "OK", "AlarmName": "images-none-1a2b3c4", "StateChangeTime": ""}
    stack.client("sns").publish(TopicArn=stack["alarm_topic_arn"], Message=json.dumps(note))
    rings(stack, "pager-failed", since=began)
    client.add_permission(
        FunctionName=name,
        StatementId=statement["Sid"],
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=stack["alarm_topic_arn"],
    )
    calms(stack, "pager-failed")


def test_no_alarm_was_left_out(stack):
    """Every alarm of the program has rung and calmed in the tests above; run the whole module."""
    assert set(states(stack)) == RUNG
