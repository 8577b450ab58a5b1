"""A pipeline whose queue EventBridge tells, on the embedded AWS: every key, restores, and what cannot be delivered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from local.engine import running
from tests.local.processes.waiting import eventually
from tests.ops.support.workbench import Bench
from worker.contracts.events import keys_of

pytestmark = pytest.mark.stack

CONFIG = {"source": {"events": "eventbridge", "prefix": "in/", "suffixes": [".jpg", ".webp"]}}
ODD = [
    "in/ä +%41%2f ?#&.jpg",
    "in/a//b.jpg",
    "in/*[x]{y}.webp",
    "in/\\.jpg",
    "in/.jpg",
    "in/'\"<>`|^~.jpg",
    "in/" + "ö" * 400 + ".jpg",
]
OTHERS = ["out/in/a.jpg", "in/a.JPG", "in/a.jpg.png", "IN/a.jpg"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Return the stack."""
    with running(directory=tmp_path_factory.mktemp("events"), config=CONFIG) as stack:
        yield stack


@pytest.fixture
def bench(stack, tmp_path, monkeypatch):
    """Return the stack with nothing in it, and commands run in a directory of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ops.queues.sweep._LONG_POLL", 0)
    monkeypatch.setattr("ops.redrive.follow._POLL_SECONDS", 0.25)
    bench = Bench(stack)
    bench.empty()
    return bench


def counted(stack, metric):
    """Return how often EventBridge says that something happened to the rule's events."""
    (rule,) = stack.client("events").list_rules()["Rules"]
    points = stack.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events",
        MetricName=metric,
        Dimensions=[{"Name": "RuleName", "Value": rule["Name"]}],
        StartTime=datetime.now(UTC) - timedelta(days=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(int(point["Sum"]) for point in points)


def test_every_key_arrives_as_it_is_and_no_other(bench):
    """Whatever a key is made of, created and deleted; what the filter leaves out stays as it is."""
    for key in [*OTHERS, *ODD]:
        bench.upload(key)
    bench.wait_for(*ODD)
    assert {key for key in bench.keys("output_bucket") if key.startswith("manifest/")} == {
        f"manifest/{key}.json" for key in ODD
    }
    for key in ODD:
        bench.delete(key)
    assert eventually(lambda: not bench.keys("output_bucket"), 60)
    assert bench.depth("dead_letter_queue_url") == (0, 0)


def test_an_archived_picture_is_rendered_when_its_restore_is_done(bench):
    """Object Restore Completed is a hint like any other."""
    bench.upload("in/cold.jpg", StorageClass="GLACIER")
    bench.wait_for_letters(1)
    assert bench.run("restore", "in/cold.jpg", "--tier", "expedited", "--yes").status == 0
    assert eventually(lambda: "web/in/cold.jpg.webp" in bench.keys("output_bucket"), 60)


def test_an_event_that_was_not_delivered_explains_itself_and_comes_back(bench, stack):
    """The queue's policy is broken; the letter says so; the policy is repaired, and a redrive renders the picture."""
    sqs, url = bench.client("sqs"), stack["queue_url"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    broken = policy.replace("events.amazonaws.com", "s3.amazonaws.com")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": broken})
    bench.upload("in/a b.jpg")
    bench.wait_for_letters(1)
    bench.run("dlq", "list")
    listed = json.loads(bench.run("dlq", "list", "--json").out)
    shown = json.loads(bench.run("dlq", "show", listed["id"], "--json").out)
    assert (listed["keys"], listed["verdict"], listed["reason"]) == (["in/a b.jpg"], "retry", "undelivered")
    assert keys_of(shown["body"], stack["source_bucket"]) == ("in/a b.jpg",)
    assert "NO_PERMISSIONS: Access to the resource" in listed["detail"]
    assert listed["detail"].count(":rule/images-") == 1
    sent, failed = counted(stack, "InvocationsSentToDlq"), counted(stack, "FailedInvocations")
    assert (sent, failed, counted(stack, "InvocationsFailedToBeSentToDlq")) == (1, 1, 0)
    assert counted(stack, "MatchedEvents") == counted(stack, "TriggeredRules") == counted(stack, "Invocations") > 1
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    bench.run("redrive", "--verdict", "retry", "--reason", "undelivered", "--yes")
    bench.wait_for("in/a b.jpg")
    bench.check_transcript("undelivered")
    assert bench.depth("dead_letter_queue_url") == (0, 0)


def test_what_cannot_be_left_either_is_lost_and_counted(bench, stack):
    """Neither queue accepts: only an audit finds the picture."""
    sqs, urls = bench.client("sqs"), (stack["queue_url"], stack["dead_letter_queue_url"])
    policies = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"] for url in urls
    ]
    for url, policy in zip(urls, policies, strict=True):
        broken = policy.replace("events.amazonaws.com", "s3.amazonaws.com")
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": broken})
    bench.upload("in/lost.jpg")
    assert eventually(lambda: counted(stack, "InvocationsFailedToBeSentToDlq") == 1)
    assert bench.depth("dead_letter_queue_url") == (0, 0)
    for url, policy in zip(urls, policies, strict=True):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert bench.run("audit", "--settled-after", "0").status in {0, 1}
    bench.wait_for("in/lost.jpg")
