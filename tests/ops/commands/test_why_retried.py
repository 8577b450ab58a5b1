"""Pictures that fail at every attempt, on the embedded AWS: operators are told why, while no dead letter tells it yet."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

from tests.local.processes.waiting import eventually

pytestmark = pytest.mark.stack


@contextmanager
def denied(bench, prefix):
    """Let nobody write below a prefix of the output bucket."""
    s3, bucket = bench.client("s3"), bench.stack["output_bucket"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    closed = json.loads(policy)
    resource = f"arn:aws:s3:::{bucket}/{prefix}*"
    closed["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": resource})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(closed))
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def test_a_picture_that_may_not_be_written_says_so_while_it_waits(bench):
    """`where` said that it waits, and `status` in which log to look."""
    with denied(bench, "web/cats/"):
        bench.upload("cats/tom.jpg")
        assert eventually(lambda: "access-denied" in bench.run("where", "cats/tom.jpg").out, 60, every=0.2)
        where = bench.run("where", "cats/tom.jpg")
        document = json.loads(bench.run("where", "cats/tom.jpg", "--json").out)
        assert eventually(lambda: "failed attempts  " in bench.run("status").out, 60, every=0.2)
        status = bench.run("status")
        tried_again = json.loads(bench.run("status", "--json").out)["tried_again"]

    lines = {line[:12].strip(): line[14:] for line in where.out.splitlines()}
    assert document["last_attempt"]["result"] == "access-denied"
    assert "web/cats/tom.jpg.webp" in document["last_attempt"]["detail"]
    assert document["last_attempt"]["detail"] in lines["last attempt"]
    assert lines["state"] == "queued"
    assert lines["next"].startswith("repair the permission that the detail names, then: ")
    assert lines["next"].endswith(" backfill --prefix cats/tom.jpg")
    assert " access-denied (first: cats/tom.jpg)" in status.out
    assert tried_again["reasons"]["access-denied"]["first"] == "cats/tom.jpg"
    assert "access-denied does not pass by itself: " in status.out.splitlines()[-1]
    assert status.out.endswith(" where cats/tom.jpg\n")


def test_what_a_redrive_alone_does_not_cure_is_said_before_it(bench):
    """By `try`, which has the operator's permissions, by the redrive's plan, and by the purge's: what is purged may never be ready."""
    bench.upload("a.jpg")
    bench.wait_for("a.jpg")
    bench.client("s3").delete_object(Bucket=bench.stack["output_bucket"], Key="manifest/a.jpg.json")
    bench.plant("a.jpg", "access-denied")
    (letter,) = [json.loads(line) for line in bench.run("dlq", "list", "--json").out.splitlines()]
    repair = "repair the permission that the detail names"
    assert f"Unless it is done, a redrive fails all the same: {repair}." in bench.run("dlq", "try", letter["id"]).err
    assert f"Unless it is done, access-denied fails again: {repair}." in bench.run("redrive", "--dry-run").err
    purge = bench.run("dlq", "purge", "--reason", "access-denied", "--export", "denied.jsonl", "--dry-run").err
    assert "1 without a verdict on the picture" in purge
    assert "backfill --outdated" in purge
    bench._transcript.clear()
