"""`adopt` at a bucket of others on the embedded AWS, and what the other commands say of one that sends no events."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ops.support.workbench import Bench

pytestmark = pytest.mark.stack

BUCKET = "team-photos"
GONE = "arn:aws:{}:eu-central-1:000000000000:gone"


@pytest.fixture
def theirs(bench, tmp_path):
    """Return the bench at a stack whose source is a bucket of others, whose notifications go to what is not there any more."""
    outputs = {**bench.stack.outputs, "source_bucket": BUCKET, "source_adopted": True, "source_events": "eventbridge"}
    (tmp_path / "outputs.json").write_text(json.dumps(outputs))
    s3 = bench.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    configuration = {
        "QueueConfigurations": [{"Id": "a", "QueueArn": GONE.format("sqs"), "Events": ["s3:ObjectCreated:*"]}],
        "TopicConfigurations": [{"Id": "b", "TopicArn": GONE.format("sns"), "Events": ["s3:ObjectRemoved:*"]}],
    }
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration=configuration, SkipDestinationValidation=True
    )
    yield Bench(replace(bench.stack, outputs=outputs, directory=tmp_path))
    s3.delete_bucket(Bucket=BUCKET)


def configuration(bench):
    """Return the configuration as boto3 reads it."""
    answer = bench.client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_the_flag_comes_and_goes_and_all_else_stays(theirs):
    """The plan is shown first; twice does no harm; what was there before is in a file."""
    former = configuration(theirs)
    theirs.run("adopt", BUCKET, "--dry-run")
    assert configuration(theirs) == former
    theirs.run("adopt", BUCKET)
    assert configuration(theirs) == former
    theirs.run("adopt", BUCKET, "--yes")
    assert configuration(theirs) == {**former, "EventBridgeConfiguration": {}}
    theirs.run("adopt", BUCKET, "--yes")
    theirs.run("adopt", BUCKET, "--undo", "--yes")
    assert configuration(theirs) == former
    theirs.run("adopt", BUCKET, "--undo", "--yes")
    kept = sorted(Path(".ops").glob(f"notifications-{BUCKET}-*.xml"))
    assert [b"EventBridge" in file.read_bytes() for file in kept] == [False, True]
    theirs.check_transcript("adopt")


def test_undo_does_not_silence_others_by_the_way(theirs):
    """A rule of somebody else's is named, and only --silence-others goes on."""
    theirs.run("adopt", BUCKET, "--yes")
    events = theirs.client("events")
    events.put_rule(
        Name="theirs", EventPattern=json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": [BUCKET]}}})
    )
    try:
        refused = theirs.run("adopt", BUCKET, "--undo", "--yes")
        assert (refused.status, refused.out) == (2, "")
        assert f"Other EventBridge rules may get the events of {BUCKET}, too: theirs." in refused.err
        assert "EventBridgeConfiguration" in configuration(theirs)
        assert "silences      the EventBridge rule theirs" in theirs.run("adopt", BUCKET, "--undo", "--dry-run").out
        done = theirs.run("adopt", BUCKET, "--undo", "--yes", "--silence-others", "--json")
        assert json.loads(done.out)["silences"] == ["theirs"]
        assert "EventBridgeConfiguration" not in configuration(theirs)
    finally:
        events.delete_rule(Name="theirs")


def test_only_the_source_and_only_one_of_others_is_adopted(bench, theirs):
    """The stack's own bucket is the program's, and any other one nobody's business."""
    own = bench.run("adopt", bench.stack["source_bucket"], "--yes")
    assert (own.status, "is the stack's own: pulumi up sets what it needs" in own.err) == (2, True)
    other = theirs.run("adopt", "another", "--yes")
    assert (other.status, f"takes its pictures from {BUCKET}: set source.bucket to another" in other.err) == (2, True)


def test_a_missing_bucket_is_a_sentence(theirs):
    """It was there when the stack was deployed."""
    theirs.client("s3").delete_bucket(Bucket=BUCKET)
    ended = theirs.run("adopt", BUCKET, "--yes")
    theirs.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    assert ended.status == 2
    assert "AWS has nothing there to read the notification configuration of team-photos" in ended.err


def test_status_smoke_and_where_say_that_no_events_come(theirs):
    """And by which command they would; smoke uploads nothing."""
    command = f"adopt {BUCKET}"
    status = theirs.run("status")
    assert status.status == 1
    assert "events              none come: the source bucket sends none to EventBridge" in status.out
    assert status.out.rstrip().endswith(command)
    assert json.loads(theirs.run("status", "--json").out)["events_come"] is False
    smoke = theirs.run("smoke")
    assert (smoke.status, smoke.out) == (2, "")
    assert f"{BUCKET} sends no events to EventBridge" in smoke.err
    theirs.client("s3").put_object(Bucket=BUCKET, Key="a.jpg", Body=b"x")
    where = theirs.run("where", "a.jpg")
    theirs.client("s3").delete_object(Bucket=BUCKET, Key="a.jpg")
    assert "lost" in where.out
    assert where.out.rstrip().endswith(command)
    theirs.run("adopt", BUCKET, "--yes")
    assert "events " not in theirs.run("status").out


def test_smoke_waits_for_the_first_event_and_says_why(theirs, monkeypatch):
    """S3 takes minutes, and never sends what was too early: so it uploads again and again, and then gives up."""
    theirs.run("adopt", BUCKET, "--yes")
    monkeypatch.setattr("ops.health.first_event.PATIENCE", 1.0)
    monkeypatch.setattr("ops.health.first_event.AGAIN", 0.25)
    ended = theirs.run("smoke")  # The rule of the test's stack is of another bucket: no event ever comes.
    assert ended.status == 1
    assert "No event came yet: S3 takes about five minutes" in ended.err
    assert "none within 1 s" in ended.out
    assert "plain.jpg" not in ended.out
    assert theirs.keys("source_bucket") == set()
