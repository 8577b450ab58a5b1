"""Rejected pictures that no dead letter tells of, on the embedded AWS."""

from __future__ import annotations

import json

import pytest

from tests.local.processes.waiting import eventually

pytestmark = pytest.mark.stack


def test_what_a_purge_leaves_is_counted_and_listed(bench, tmp_path):
    """Until it is replaced; an entry that a race has left in the index is neither."""
    bench.upload("cats/cut.jpg", b"\xff\xd8\xff")
    bench.upload("empty.jpg", b"")
    bench.wait_for_letters(2)
    stale = {"Bucket": bench.stack["output_bucket"], "Key": "_rejected/truncated/ready.jpg"}
    bench.client("s3").put_object(**stale, Body=b"")
    assert "none without a dead letter" in bench.run("status").out
    bench.run("dlq", "purge", "--verdict", "permanent", "--export", str(tmp_path / "all.jsonl"), "--yes")

    status = bench.run("status")
    assert "2 without a dead letter: 1 " in status.out
    assert "rejects" in status.out.splitlines()[-1]
    found = [json.loads(line) for line in bench.run("rejects", "--json").out.splitlines()]
    assert {each["key"] for each in found} == {"cats/cut.jpg", "empty.jpg"}
    ended = bench.run("rejects", "--reason", "empty-file")
    assert (ended.status, ended.out.split()[0], ended.out.split()[-1]) == (1, "empty-file", "empty.jpg")
    assert "upload a better picture" in ended.err

    bench.upload("cats/cut.jpg")
    bench.delete("empty.jpg")
    assert eventually(lambda: bench.run("rejects").status == 0, 60, every=0.2)
    ended = bench.run("rejects")
    assert (ended.status, ended.err) == (0, "No picture is rejected.\n")
