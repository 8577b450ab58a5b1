from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.pictures.backfill.canary import Canary, failures_of
from ops.stack.picture import Listed
from tests.local.processes.waiting import eventually
from tests.ops.dead_letters.test_verdict import AFTER, BEFORE, RECIPE, ready, rejected
from tests.ops.pictures.backfill.test_backfill import pictures, selection
from worker.contracts.recipes.by_prefix import Recipes
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS


def listed(key, storage_class="STANDARD"):
    """Return an original as the bucket lists it."""
    return Listed(key, "e1", storage_class, 10, BEFORE)


def test_the_canary_is_of_every_folder_with_a_recipe():
    """In turn, so that a folder of one picture is tried, too; what is archived would only time out, what failed may fail again."""
    canary = Canary(Recipes({"": DEFAULT_RENDITIONS, "z/": DEFAULT_RENDITIONS}), 3)
    canary.offer(listed("0.jpg", "GLACIER"))
    canary.offer(listed("bad.jpg"), failed=True)
    for number in range(1, 1000):
        canary.offer(listed(f"{number}.jpg"))
    canary.offer(listed("z/1.jpg"))
    assert [each.key for each in canary.chosen] == ["1.jpg", "z/1.jpg", "2.jpg"]


def test_a_canary_of_none_chooses_nothing():
    """`--canary 0`."""
    canary = Canary(Recipes({"": DEFAULT_RENDITIONS}), 0)
    canary.offer(listed("a.jpg"))
    assert canary.chosen == []


def test_it_is_waited_for_until_each_picture_is_current_or_fails(monkeypatch):
    """One becomes ready after a while, one is rejected, one never changes."""
    there = pictures(0)
    there.manifests = {name: ready("e1", "another") for name in ("a.jpg", "b.jpg", "c.jpg")}
    pauses = []

    def pause(_seconds):
        pauses.append(1)
        if len(pauses) == 2:
            there.manifests["a.jpg"] = ready("e1", RECIPE)
            there.manifests["b.jpg"] = rejected("e1", "truncated", AFTER)
        monkeypatch.setattr("ops.pictures.backfill.canary.time.monotonic", lambda: len(pauses) * 10.0)

    monkeypatch.setattr("ops.pictures.backfill.canary.time.monotonic", lambda: 0.0)
    monkeypatch.setattr("ops.pictures.backfill.canary.time.sleep", pause)
    found = failures_of(selection(there, outdated=True), [listed(f"{name}.jpg") for name in "abc"], 30)
    assert found == {"b.jpg": "rejected: truncated", "c.jpg": "not current after 30 s"}
    assert len(pauses) == 3


def outdate(bench, *keys):
    """Have pictures rendered, and then look as if by another recipe."""
    for key in keys:
        bench.upload(key)
    bench.wait_for(*keys)
    assert eventually(lambda: bench.depth("queue_url") == (0, 0), 60, every=0.1)  # Or a late event would correct it.
    output = bench.stack["output_bucket"]
    for key in keys:
        name = f"manifest/{key}.json"
        document = json.loads(bench.client("s3").get_object(Bucket=output, Key=name)["Body"].read())
        bench.client("s3").put_object(Bucket=output, Key=name, Body=json.dumps({**document, "recipe": "another"}))


@pytest.mark.stack
def test_a_canary_that_fails_keeps_the_others_from_being_sent(bench):
    """Nobody consumes the queue that it is sent to; the journal says what was sent, and status what is still to do."""
    outdate(bench, *(f"stopped/{number}.jpg" for number in range(4)))
    mapping = next(
        each["UUID"]
        for each in bench.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        if "backfill" in each["EventSourceArn"]
    )
    bench.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        ended = bench.run("backfill", "--outdated", "--canary", "2", "--patience", "1", "--yes")
        assert ended.status == 1
        assert "not current after 1 s" in ended.err
        assert "The canary failed, so the others were not sent" in ended.err
        assert sum(bench.depth("backfill_queue_url")) == 2
        assert "0.0 % of 4 pictures current" in bench.run("status").out
    finally:
        bench.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    bench.wait_for("stopped/0.jpg", "stopped/1.jpg")
    [journal] = Path(".ops").glob("backfill-*.jsonl")
    assert [json.loads(line)["event"] for line in journal.read_text().splitlines()] == ["backfill", "canary"]


@pytest.mark.stack
def test_status_shows_the_share_and_that_all_are_current(bench):
    """After the canary the others are sent; when the queue is empty, all are current."""
    outdate(bench, *(f"sent/{number}.jpg" for number in range(4)))
    ended = bench.run("backfill", "--outdated", "--canary", "1")
    assert ended.status == 0, ended.err
    assert "Sent the canary of 1" in ended.err
    assert "enqueued      4" in ended.out
    assert eventually(lambda: bench.depth("backfill_queue_url") == (0, 0), 60, every=0.1)
    assert "all of 4 pictures current" in bench.run("status").out
    [journal] = Path(".ops").glob("backfill-*.jsonl")
    lines = journal.read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["backfill", "canary", "sent", "finished"]
    journal.write_text("\n".join(lines[:2]) + "\n")  # As if it had ended after the canary.
    assert "25.0 % of 4 pictures current" in bench.run("status").out
    assert json.loads(bench.run("status", "--json").out)["recipes"] == {"generation": 1, "pictures": 4, "to_go": 3}
