"""The auditor on the embedded AWS: the rule that the emulator fires by its clock, with the role that the program gives it."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from local.engine import running
from tests.local.processes.waiting import eventually
from tests.worker.images.pictures.small import jpeg
from worker.contracts.names import AUDIT, AUDIT_STATE

pytestmark = [pytest.mark.stack, pytest.mark.soak]

CONFIG = {"audit": "weekly", "recipes": {"faces/": {"thumbnail": {"fit": "cover"}}}}
OUTPUTS = ("thumbnail/{}.webp", "web/{}.webp", "manifest/{}.json")


def sooner(type_, name, inputs):
    """Have an audit with each minute, of whatever is there: the emulator's rules know no shorter time."""
    if type_.endswith(":EventRule"):
        return {**inputs, "scheduleExpression": "rate(1 minute)"}
    if type_.endswith(":Function") and name.endswith("auditor"):
        variables = {**inputs["environment"]["variables"], "AUDIT_PERIOD": "0", "SETTLED_AFTER": "0"}
        return {**inputs, "environment": {"variables": variables}}
    return inputs


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Return the stack with an auditor."""
    with running(directory=tmp_path_factory.mktemp("audit"), config=CONFIG, transform=sooner) as stack:
        yield stack


def outputs(stack):
    """Return the source's ETag and focus of every output, by key."""
    s3, bucket = stack.client("s3"), stack["output_bucket"]
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    found = {}
    for key in keys:
        with suppress(s3.exceptions.ClientError):  # Deleted since.
            marks = s3.head_object(Bucket=bucket, Key=key)["Metadata"]
            found[key] = marks.get("source-etag", "").strip('"'), marks.get("focus")
    return {key: made_of for key, made_of in found.items() if key != AUDIT_STATE}


def expected(stack):
    """Return the same as it should be."""
    s3, bucket = stack.client("s3"), stack["source_bucket"]
    heads = {entry["Key"]: s3.head_object(Bucket=bucket, Key=entry["Key"])
             for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]}  # fmt: skip
    return {
        output.format(key): (head["ETag"].strip('"'), head["Metadata"].get("focus"))
        for key, head in heads.items()
        for output in OUTPUTS
    }


def lines(stack):
    """Return what the auditor has logged of its audits."""
    logs = stack.client("logs")
    (group,) = [
        each["logGroupName"]
        for each in logs.describe_log_groups()["logGroups"]
        if each["logGroupName"].startswith("images-auditor")
    ]
    found = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    return [json.loads(text) for text in found if text.startswith("{") and f'"{AUDIT}"' in text]


def test_the_schedule_heals_what_no_event_came_for(stack):
    """A lost upload, replacement, deletion and copy with another focus, an output deleted by hand, and a file of a former recipe."""
    s3, source, output = stack.client("s3"), stack["source_bucket"], stack["output_bucket"]
    for key in ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "faces/e.jpg"):
        s3.put_object(Bucket=source, Key=key, Body=jpeg())
    assert eventually(lambda: outputs(stack) == expected(stack), 60)
    s3.put_bucket_notification_configuration(Bucket=source, NotificationConfiguration={})
    s3.put_object(Bucket=source, Key="new.jpg", Body=jpeg())
    s3.put_object(Bucket=source, Key="a.jpg", Body=jpeg(colour="blue"))
    s3.copy_object(
        Bucket=source, Key="faces/e.jpg", CopySource={"Bucket": source, "Key": "faces/e.jpg"},
        MetadataDirective="REPLACE", Metadata={"focus": "0,1"},
    )  # fmt: skip
    s3.delete_object(Bucket=source, Key="b.jpg")
    s3.delete_object(Bucket=output, Key="web/c.jpg.webp")
    s3.put_object(Bucket=output, Key="square/d.jpg.webp", Body=b"x", Metadata={"source-etag": '"x"', "recipe": "x"})
    assert outputs(stack) != expected(stack)
    assert eventually(lambda: outputs(stack) == expected(stack), 180)
    found = [line for line in lines(stack) if line["Wounds"]]
    assert found[0]["pictures"].keys() >= {"missing", "incomplete", "outdated", "leftovers", "orphaned"}
    assert sum(line["Wounds"] for line in found) >= 5
