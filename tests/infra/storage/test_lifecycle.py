"""What is kept where, and for how long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.storage.archive_classes import CLASSES, GIGABYTE, HORIZON, KILOBYTE, STANDARD, TAG, TAGGING
from tests.infra.recording import record, statements
from worker.contracts.names import TAG_KEY, TAG_VALUE

PAGE = (Path(__file__).parents[3] / "docs" / "costs.md").read_text()
TAGGED = {
    ("s3:GetObjectVersionTagging", "arn:images-dev-source/*"),
    ("s3:PutObjectVersionTagging", "arn:images-dev-source/*"),
}


def rules(program, bucket):
    """Return the lifecycle rules of a bucket, by id."""
    lifecycle = program.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", f"{bucket}-lifecycle")
    return {rule["id"]: rule for rule in lifecycle.inputs["rules"]}


def tagging(program):
    """Return what the worker may do with tags."""
    policies = [p for p in program.all("iam/rolePolicy:RolePolicy") if p.name == "worker-tags-source"]
    return {
        (action, resource)
        for policy in policies
        for statement in statements(policy.inputs["policy"])
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_by_default_nothing_is_archived_and_nothing_of_outputs_expires(program):
    """An archive is a decision: what is in it takes hours to read, or is paid for over months. So no tag is written either."""
    assert set(rules(program, "source")) == {"abort-incomplete-uploads", "expire-old-versions"}
    assert set(rules(program, "output")) == {"abort-incomplete-uploads"}
    assert tagging(program) == set()
    variables = program.one("lambda/function:Function", "worker").inputs["environment"]["variables"]
    assert "ARCHIVES" not in variables


@pytest.mark.parametrize("name", CLASSES)
def test_originals_that_are_ready_move_to_the_archive(name):
    """By the tag that the worker writes, and only those that are large enough; the worker may write it."""
    program = record(archive={"afterDays": 60, "class": name})
    rule = rules(program, "source")["archive-ready-originals"]
    assert rule["filter"] == {
        "and": {"tags": {TAG_KEY: TAG_VALUE}, "objectSizeGreaterThan": CLASSES[name].smallest - 1}
    }
    assert rule["transitions"] == [{"days": 60, "storageClass": CLASSES[name].storage_class}]
    assert tagging(program) == TAGGED
    variables = program.one("lambda/function:Function", "worker").inputs["environment"]["variables"]
    assert variables["ARCHIVES"] == "true"
    mapping = program.one("lambda/eventSourceMapping:EventSourceMapping", "queue-invokes-worker")
    assert "worker-tags-source" in mapping.after


def test_a_tag_is_no_event(program):
    """The worker's own tagging must not start the pipeline again."""
    (notification,) = program.all("s3/bucketNotification:BucketNotification")
    events = [event for queue in notification.inputs["queues"] for event in queue["events"]]
    assert not [event for event in events if "Tagging" in event or event in {"s3:*", "s3:Object*"}]


def test_old_versions_and_delete_markers_expire():
    """A delete marker goes when nothing older is left under it."""
    rule = rules(record(source={"keepDeletedDays": 7}), "source")["expire-old-versions"]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 7}
    assert rule["expiration"] == {"expiredObjectDeleteMarker": True}


def test_outputs_expire_where_that_is_configured():
    """Manifests and renditions alike, so that a backfill of what is outdated finds them all."""
    assert rules(record(output={"expireAfterDays": 90}), "output")["expire-outputs"]["expiration"] == {"days": 90}


def saved_in_a_year(archive, size):
    """Return dollars that an original of `size` bytes saves within a year by being archived at its start."""
    archived, standard = archive.overhead
    year = HORIZON * (
        (size + archived * KILOBYTE) / GIGABYTE * archive.storage
        + standard * KILOBYTE / GIGABYTE * STANDARD
        + archive.monitoring
        + TAG
    )
    return HORIZON * size / GIGABYTE * STANDARD - year - archive.transition - TAGGING


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_moved_saves_more_within_a_year_than_the_move_costs(name):
    """And what is 64 KB smaller would not: the bound is as low as it can be in such steps."""
    archive = CLASSES[name]
    assert saved_in_a_year(archive, archive.smallest) > 0
    assert saved_in_a_year(archive, archive.smallest - 64 * KILOBYTE) <= 0
    # S3 itself moves nothing smaller by default, and bills Instant Retrieval for as much:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
    assert archive.smallest >= 128 * KILOBYTE


@pytest.mark.parametrize("name", CLASSES)
def test_the_page_shows_the_same_sum(name):
    """Prices, break-even and bound in docs/costs.md are those of the code."""
    archive = CLASSES[name]
    (row,) = re.findall(rf"^\| `{name}` \| (.*) \|$", PAGE, re.MULTILINE)
    assert row.split(" | ") == [
        f"{archive.storage:.5f}".rstrip("0"),
        f"{archive.transition * 1e6:.0f}",
        f"{archive.monitoring * 1e6:.2f}",
        f"{archive.overhead[0]} + {archive.overhead[1]}",
        f"{archive.break_even / KILOBYTE:.0f}",
        f"{archive.smallest // KILOBYTE}",
        f"{archive.least_days}",
    ]
