"""One change of an alarm, one message: what is in it, when there is none, and that trouble never makes it none."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from pager.handler import Pager, handle
from pager.settings import Settings, SettingsError
from tests.pager.factories import (
    AT,
    ENVIRONMENT,
    OPERATORS,
    Aws,
    described,
    logged,
    named,
    notification,
    rejected,
    retried,
)

PAGE = " OR ".join(f'ALARM("{named(key)}")' for key in ("message-age", "time-to-drain", "rejects"))


def told(aws, sns=None, *, in_time=True):
    """Let the pager take a notification; return subject, text and document of its message, or None."""
    Pager(Settings.from_env(ENVIRONMENT), aws).take(sns or notification(), lambda: in_time)
    if not aws.published:
        return None
    (request,) = aws.published
    assert (request["TopicArn"], request["MessageStructure"]) == (OPERATORS, "json")
    forms = json.loads(request["Message"])
    return request["Subject"], forms["email"], json.loads(forms["default"])


def test_the_message_has_what_metrics_and_logs_know():
    """Reasons with counts, first keys, since when, growth, deployment, the other alarms, the command and the sections."""
    events = [*rejected(498), *rejected(2, reason="access-denied", detail="s3:PutObject on out")]
    aws = Aws(described("dead-letters"), described("worker-errors", since=AT - timedelta(minutes=1)), events=events)
    subject, text, document = told(aws)
    assert subject == "ALARM images-dev dead-letters: 2 access-denied, 498 truncated"
    assert text.splitlines() == [
        subject,
        "",
        "Since 05:31:02 UTC.",
        "2 rejected: access-denied, the first at 05:30:32 UTC; repair this first",
        "  cats/0.jpg, cats/1.jpg",
        "  s3:PutObject on out",
        "498 rejected: truncated, the first at 05:30:32 UTC",
        "  cats/0.jpg, cats/1.jpg, cats/2.jpg",
        "  The upload was cut off.",
        "Letters: it grows: from 0 to 3.",
        "The worker, since 05:01:02 UTC: 3 ready, 3 rejected, 3 invocations failed, 3 throttled.",
        "Its last deployment was 12 min before, at 2026-11-26 05:19:02 UTC.",
        "Also on: worker-errors (since 05:30:02 UTC).",
        "",
        "What it means.",
        "",
        "Next:",
        "  python -m ops --stack dev dlq list",
        "  docs/operations.md#dead-letters",
        "  docs/operations.md#access-denied",
        "  docs/operations.md#truncated",
    ]
    assert document["content"]["nextSteps"][0] == "`python -m ops --stack dev dlq list`"
    assert json.loads(document["metadata"]["additionalContext"]["reasons"]) == {"truncated": 498, "access-denied": 2}


def test_an_alarm_that_is_over_says_how_long_it_took_and_what_was_done():
    """From its history; the pictures that were redriven from the log."""
    began = AT - timedelta(minutes=35)
    redriven = [logged("message.done", redrives=1, keys=["a"]) for _ in range(3)]
    fresh = [logged("message.done", redrives=0, keys=["b"])]
    aws = Aws(described("dead-letters", on=False), events=redriven + fresh, history=[("OK", AT), ("ALARM", began)])
    subject, text, document = told(aws, notification(state="OK", was="ALARM"))
    assert subject == "OK images-dev dead-letters, over after 35 min"
    assert "On from 04:56:02 UTC to 05:31:02 UTC: 35 min." in text
    assert "Meanwhile 3 pictures became ready, of them 3 redriven, 3 were rejected." in text
    assert "The worker was deployed at 05:19:02 UTC." in text
    assert "What it means." not in text
    assert "No other alarm is on." in text
    assert document["metadata"]["threadId"] == "images-dev-dead-letters"


def test_an_alarm_that_goes_on_again_tells_what_is_new():
    """What it was about before it was over would hide what it is about now."""
    old = rejected(13, AT - timedelta(minutes=8))
    new = rejected(2, reason="access-denied", detail="s3:PutObject on out")
    history = [("ALARM", AT), ("OK", AT - timedelta(minutes=4)), ("ALARM", AT - timedelta(minutes=8))]
    subject, text, _ = told(Aws(described("dead-letters"), events=[*old, *new], history=history, values=[13, 0, 2]))
    assert subject == "ALARM images-dev dead-letters: 2 access-denied"
    assert "truncated" not in text


def test_every_reason_is_named():
    """Those beyond the first six without keys: the one that matters may be any."""
    events = [each for number in range(9) for each in rejected(20 - number, reason=f"reason-{number}")]
    _, text, _ = told(Aws(described("dead-letters"), events=events))
    assert "And 14 rejected: reason-6, 13 rejected: reason-7, 12 rejected: reason-8." in text


@pytest.mark.parametrize(
    ("key", "group"),
    [
        ("page-errors", "uploader-log"),
        ("audit-errors", "auditor-log"),
        ("backlog", "worker-log"),
        ("dead-letters", "worker-log"),
    ],
)
def test_the_log_that_is_read_is_that_of_the_function_in_question(key, group):
    """For a quarter of an hour; of dead letters for another, which SQS may take until it counts them."""
    aws = Aws(described(key))
    told(aws, notification(key))
    ((_, request),) = [each for each in aws.asked if each[0] == "filter_log_events"]
    assert request["logGroupName"] == group
    assert request["startTime"] == (AT.timestamp() - (1800 if key == "dead-letters" else 900)) * 1000


@pytest.mark.parametrize(
    ("key", "headline"),
    [
        ("worker-errors", ": 1 Runtime.ImportModuleError"),
        ("worker-throttles", ": 3 throttled"),
        ("message-age", ": 2 access-denied, 1 Runtime.ImportModuleError, 9 truncated"),
        ("rejects", ": 2 access-denied, 9 truncated"),
        ("undelivered-crm", ""),
    ],
)
def test_the_headline_names_what_this_alarm_is_about(key, headline):
    """Not whatever else went wrong meanwhile; the numbers where the log has nothing."""
    waiting = retried("a.jpg", "b.jpg", "a.jpg")
    broken = [{"timestamp": waiting[0]["timestamp"], "message": json.dumps({"errorType": "Runtime.ImportModuleError"})}]
    subject, *_ = told(Aws(described(key), events=[*rejected(9), *waiting, *broken]), notification(key))
    assert subject == f"ALARM images-dev {key}{headline}"


def test_a_long_log_is_read_only_as_long_as_there_is_time():
    """And the message says that there is more."""
    aws = Aws(described("dead-letters"), events=rejected(500))
    _, text, _ = told(aws, in_time=False)
    assert len([each for each in aws.asked if each[0] == "filter_log_events"]) == 1
    assert "at least 100 rejected: truncated" in text


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("describe_alarms", "alarms: AccessDenied"),
        ("describe_alarm_history", "alarm's history: AccessDenied"),
        ("filter_log_events", "worker's log: AccessDenied"),
        ("get_metric_data", "metric: AccessDenied; metrics: AccessDenied"),
        ("get_function_configuration", "last deployment: AccessDenied"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_rest_is_told(operation, said):
    """A permission that lacks costs one fact, not the message."""
    _, text, _ = told(Aws(described("dead-letters"), events=rejected(3), refused={operation}))
    assert f"Could not be read: {said}." in text
    assert ("3 rejected: truncated" in text) == (operation != "filter_log_events")


@pytest.mark.parametrize("operation", ["describe_alarms", "filter_log_events", "get_metric_data"])
def test_a_bug_in_the_story_leaves_the_plain_alarm(operation, capsys):
    """With the alarm's own text, CloudWatch's reason, and why there is no more; the trace is in the log."""
    subject, text, document = told(Aws(described("dead-letters"), broken={operation}))
    assert subject == "ALARM images-dev dead-letters"
    for part in ("Threshold Crossed: 1 datapoint", "What it means.", "RuntimeError", "dlq list", "#dead-letters"):
        assert part in text
    assert document["version"] == "1.0"
    assert "story.failed" in capsys.readouterr().out


def test_what_cannot_be_published_is_an_error():
    """So that Lambda sends the alarm itself."""
    with pytest.raises(Exception, match="AccessDenied"):
        told(Aws(described("dead-letters"), refused={"publish"}))


def test_five_hundred_rejects_are_one_message_and_one_follow_up():
    """Two alarms, the one to page by, and their ends: six changes."""
    alarms = [described("dead-letters"), described("rejects", since=AT + timedelta(seconds=40))]
    page = described("unhealthy", since=AT + timedelta(seconds=40), rule=PAGE)
    events = rejected(500)
    assert told(Aws(*alarms, page, events=events))
    for key in ("rejects", "unhealthy"):
        assert told(Aws(*alarms, page, events=events), notification(key, at=AT + timedelta(seconds=40))) is None
    later = AT + timedelta(minutes=6)
    calm = [described("dead-letters"), described("rejects", on=False, since=later)]
    page = described("unhealthy", on=False, since=later, rule=PAGE)
    for key in ("rejects", "unhealthy"):
        assert told(Aws(*calm, page), notification(key, "OK", "ALARM", later)) is None
    calm[0] = described("dead-letters", on=False, since=later)
    assert told(Aws(*calm, page), notification("dead-letters", "OK", "ALARM", later))


def test_rejects_that_have_doubled_are_news():
    """The first message had three of them; the second is in its thread, and pages."""
    alarms = [described("dead-letters"), described("rejects", since=AT + timedelta(minutes=2))]
    page = described("unhealthy", since=AT + timedelta(minutes=2), rule=PAGE)
    events = [*rejected(3), *rejected(500, at=AT + timedelta(minutes=1), reason="access-denied")]
    sns = notification("rejects", at=AT + timedelta(minutes=2))
    subject, text, document = told(Aws(*alarms, page, events=events), sns)
    assert subject == "ALARM images-dev rejects: 500 access-denied, 3 truncated"
    assert "Pictures do not get through: act now." in text
    assert document["metadata"]["threadId"] == "images-dev-dead-letters"


def test_old_dead_letters_hide_no_new_rejects():
    """Letters that have lain there for days are another matter."""
    alarms = [described("dead-letters", since=AT - timedelta(days=3)), described("rejects")]
    assert told(Aws(*alarms, events=rejected(500)), notification("rejects"))


@pytest.mark.parametrize(("times", "tells"), [(1, True), (2, True), (3, True), (4, False)])
def test_an_alarm_that_goes_on_and_off_is_told_three_times_an_hour(times, tells):
    """The third message says that there is no fourth."""
    history = [("ALARM", AT - timedelta(minutes=10 * number)) for number in range(times)]
    message = told(Aws(described("message-age"), history=history), notification("message-age"))
    assert bool(message) == tells
    if message:
        assert ("It went on 3 times within an hour" in message[1]) == (times == 3)


def test_a_page_that_nothing_else_explains_is_told():
    """In doubt it is said twice."""
    assert told(Aws(described("unhealthy", rule=PAGE)), notification("unhealthy"))
    assert told(Aws(refused={"describe_alarms"}), notification("unhealthy"))


def test_the_alarm_about_the_pager_is_not_told_by_the_pager():
    """It reaches people by itself."""
    assert told(Aws(described("pager-failed")), notification("pager-failed")) is None


def test_an_event_without_records_is_nothing():
    """The embedded AWS tries every function so."""
    handle({"Records": []}, None)


@pytest.mark.parametrize("missing", Settings.VARIABLES)
def test_a_missing_variable_is_named(missing):
    """Whoever deploys by hand learns which."""
    with pytest.raises(SettingsError, match=missing):
        Settings.from_env({**ENVIRONMENT, missing: ""})
