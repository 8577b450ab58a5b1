"""Events by EventBridge: a rule of the source bucket's keys tells the queue, and what it cannot deliver is a dead letter."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services.eventbridge import _matches_pattern
from ministack.services.s3 import _key_matches_filter

from infra.messaging.bucket_events import LONGEST_PATTERN, pattern_of
from infra.watch.thresholds import PAGING
from tests.infra.config.stack_files import own, refusal
from tests.infra.recording import ACCOUNT, record, statements

RULE = "arn:images-dev-events"


@pytest.fixture(scope="module")
def told():
    """Return the program whose queue a rule tells."""
    return record(source={"events": "eventbridge"})


def event(key, bucket="b", kind="Object Created", source="aws.s3"):
    """Return an event as the emulator matches it."""
    detail = {"bucket": {"name": bucket}, "object": {"key": key}}
    return {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "Account": ACCOUNT, "Region": "r"}


def test_the_rule_is_of_this_bucket_s_changes(told):
    """Created, deleted and restored keys, whatever they are; of S3, and of this bucket."""
    pattern = told.one("cloudwatch/eventRule:EventRule", "events").inputs["eventPattern"]
    assert json.loads(pattern) == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted", "Object Restore Completed"],
        "detail": {"bucket": {"name": ["images-dev-source"]}},
    }


def test_the_bucket_has_the_flag_and_nothing_else(told):
    """Under the name that its notification has otherwise: another one's deletion would take the flag away."""
    (notification,) = told.all("s3/bucketNotification:BucketNotification")
    assert notification.name == "source-notifies-queue"
    assert notification.inputs == {"bucket": "id-images-dev-source", "eventbridge": True}
    assert "events-tell-queue" in notification.after


def test_what_cannot_be_delivered_becomes_a_dead_letter_of_the_pipeline(told):
    """The target is the queue; its dead-letter queue is the one that operators know. Both accept before there is a target."""
    target = told.one("cloudwatch/eventTarget:EventTarget", "events-tell-queue")
    assert target.inputs["arn"] == "arn:images-dev-queue"
    assert target.inputs["deadLetterConfig"] == {"arn": "arn:images-dev-dead-letters"}
    assert {"queue-accepts-source", "dead-letters-deny-plain-http"} <= target.after


@pytest.mark.parametrize(
    ("name", "queue"), [("queue-accepts-source", "queue"), ("dead-letters-deny-plain-http", "dead-letters")]
)
def test_only_this_rule_of_this_account_may_send(told, name, queue):
    """To either queue; S3 itself may no longer, and plain HTTP is denied."""
    (policy,) = [each for each in told.all("sqs/queuePolicy:QueuePolicy") if each.name == name]
    allow, deny = statements(policy.inputs["policy"])
    assert allow == {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": [f"arn:images-dev-{queue}"],
        "Condition": {"ArnEquals": {"aws:SourceArn": RULE}, "StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    assert (deny["Principal"], deny["Condition"]) == ("*", {"Bool": {"aws:SecureTransport": "false"}})


def test_nothing_else_is_another(told, program):
    """Besides the rule, its target and its alarm, which pages; the output says which way it is."""
    assert set(told.snapshot()) - set(program.snapshot()) == {
        "aws:cloudwatch/eventRule:EventRule images-dev-events",
        "aws:cloudwatch/eventTarget:EventTarget events-tell-queue",
        "aws:cloudwatch/metricAlarm:MetricAlarm images-dev-events-failed",
        "image-pipeline:queues:BucketEvents events",
    }
    assert set(program.snapshot()) <= set(told.snapshot())
    assert (told.exports["source_events"], program.exports["source_events"]) == ("eventbridge", "notification")
    (page,) = told.all("cloudwatch/compositeAlarm:CompositeAlarm")
    assert page.inputs["alarmRule"] == " OR ".join(f'ALARM("images-dev-{key}")' for key in PAGING)


def test_the_alarm_is_of_the_rule_and_goes_off_at_the_first_event(told):
    """EventBridge counts what it gives up by the rule's name."""
    alarm = told.one("cloudwatch/metricAlarm:MetricAlarm", "events-failed").inputs
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Events", "FailedInvocations")
    assert alarm["dimensions"] == {"RuleName": "images-dev-events"}
    assert (alarm["threshold"], alarm["evaluationPeriods"], alarm["statistic"]) == (1, 1, "Sum")


TEXTS = st.text(st.sampled_from("aA./*\\?[]é \n"), max_size=4)


@given(prefix=TEXTS, suffixes=st.lists(TEXTS.filter(bool), unique=True, max_size=3), key=TEXTS, middle=TEXTS)
def test_the_pattern_lets_through_what_s3_s_filter_does(prefix, suffixes, key, middle):
    """Prefix and suffixes are texts, which case, `*` and a backslash mean nothing in; they may overlap in a short key."""
    pattern = json.dumps(pattern_of("b", prefix, suffixes))
    whole = [prefix + middle + suffix for suffix in suffixes] + [prefix + suffix[1:] for suffix in suffixes]
    for each in (key, prefix, prefix + middle, *whole):
        wanted = any(_key_matches_filter(each, prefix, suffix) for suffix in suffixes or [""])
        assert _matches_pattern(pattern, event(each)) == wanted, each


def test_the_pattern_is_of_no_other_bucket_source_or_kind():
    """Another bucket's events are on the same bus, and so is what S3 says of tags and storage classes."""
    pattern = json.dumps(pattern_of("b", "in/", [".jpg"]))
    assert _matches_pattern(pattern, event("in/a.jpg"))
    assert _matches_pattern(pattern, event("in/a.jpg", kind="Object Restore Completed"))
    assert not _matches_pattern(pattern, event("in/a.jpg", bucket="bb"))
    assert not _matches_pattern(pattern, event("in/a.jpg", source="aws.events"))
    assert not _matches_pattern(pattern, event("in/a.jpg", kind="Object Tags Added"))


def test_a_pattern_that_eventbridge_would_not_take_is_refused():
    """Many endings behind a long prefix: the message says which key, and how much there may be."""
    many = [f".{number:03}" for number in range(40)]
    wrong = {"source": {"events": "eventbridge", "prefix": "p" * 40, "suffixes": many}}
    assert f"a pattern of {LONGEST_PATTERN:,} characters" in refusal(own(wrong))[0]
    assert len(json.dumps(pattern_of("b" * 63, "p" * 512, []))) < LONGEST_PATTERN
