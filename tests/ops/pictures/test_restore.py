"""Archived originals: what restoring them costs, and that they are rendered by themselves afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.pictures.restore import (
    NOT_THERE,
    OFFERS,
    READABLE,
    RESTORED,
    TIERS,
    UNDER_WAY,
    Archived,
    Plan,
    plan_of,
    restore,
)
from ops.stack.picture import Restore, SourceState
from ops.terminal.errors import Misuse, Unknown
from tests.local.processes.waiting import eventually

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
LATER = datetime(2026, 11, 28, tzinfo=UTC)
GIGABYTE = 1024**3


class MemoryPictures:
    """Sources by key; remembers what was asked for, and refuses some."""

    def __init__(self, sources, refusing=()):
        self.sources, self.refusing, self.asked = sources, refusing, {}

    def source(self, key):
        return self.sources.get(key)

    def restore(self, key, version_id, request):
        if key in self.refusing:
            raise Unknown("no")
        self.asked[key, version_id] = request


def source(storage_class="GLACIER", *, size=GIGABYTE, archived=True, restored=None):
    """Return a source in an archive."""
    return SourceState("e", "v", size, NOW, storage_class, archived, restored)


def plan(*originals, tier="standard", days=30):
    """Return a plan for a gigabyte in each of the storage classes."""
    return Plan(tuple(Archived(f"{n}", "v", GIGABYTE, c) for n, c in enumerate(originals)), {}, tier, days)


@pytest.mark.parametrize(
    ("header", "restore_", "words"),
    [
        (None, None, None),
        ('ongoing-request="true"', Restore(True, None), "being restored"),
        (
            'ongoing-request="false", expiry-date="Sat, 28 Nov 2026 00:00:00 GMT"',
            Restore(False, LATER),
            "restored until 2026-11-28T00:00:00Z",
        ),
    ],
)
def test_s3_s_header_says_the_state_of_a_restore(header, restore_, words):
    """Nobody asked, under way, or readable until a day."""
    assert Restore.read(header) == restore_
    assert restore_ is None or str(restore_) == words


def test_only_what_has_to_be_restored_is_asked_for():
    """What is gone, readable, under way or restored is left alone, and counted."""
    pictures: Any = MemoryPictures(
        {
            "archived": source(),
            "deep": source("DEEP_ARCHIVE"),
            "readable": source("GLACIER_IR", archived=False),
            "under way": source(restored=Restore(True, None)),
            "restored": source(archived=False, restored=Restore(False, LATER)),
        }
    )
    made = plan_of(pictures, [*pictures.sources, "gone"], "bulk", 3)
    assert [original.key for original in made.originals] == ["archived", "deep"]
    assert made.left == {READABLE: 1, UNDER_WAY: 1, RESTORED: 1, NOT_THERE: 1}


def test_a_tier_that_a_class_does_not_have_is_misuse():
    """Deep Archive cannot hurry; the sentence says what it can."""
    pictures: Any = MemoryPictures({"a": source("DEEP_ARCHIVE")})
    with pytest.raises(Misuse, match="DEEP_ARCHIVE, which has no tier expedited: choose one of standard, bulk"):
        plan_of(pictures, ["a"], "expedited", 3)


@pytest.mark.parametrize(
    ("made", "dollars"),
    [
        (plan("GLACIER"), 0.01 + 0.00005 + 0.023),
        (plan("GLACIER", tier="bulk", days=3), 0.0023),
        (plan("GLACIER", "DEEP_ARCHIVE"), 0.01 + 0.00005 + 0.02 + 0.0001 + 2 * 0.023),
        (plan("INTELLIGENT_TIERING", days=30), 0.023),
        (plan(), 0.0),
    ],
)
def test_the_price_is_requests_reading_and_the_copy(made, dollars):
    """A gigabyte for a month costs what Standard costs, besides what the tier costs."""
    assert made.dollars == pytest.approx(dollars)


def test_every_tier_of_every_class_has_a_price_and_a_time():
    """What a class has no tier for is no offer."""
    assert {tier for _, tier in OFFERS} == set(TIERS)
    assert {class_ for class_, _ in OFFERS} == {"GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING"}


def test_each_original_is_restored_by_its_version_and_refusals_are_reported():
    """Days and tier in S3's form; Intelligent-Tiering takes no days."""
    pictures: Any = MemoryPictures({}, refusing={"1"})
    refused = restore(pictures, plan("GLACIER", "GLACIER", "INTELLIGENT_TIERING", tier="bulk", days=7))
    assert refused == {"1": "no"}
    tier = {"GlacierJobParameters": {"Tier": "Bulk"}}
    assert pictures.asked == {("0", "v"): {"Days": 7, **tier}, ("2", "v"): tier}


@pytest.mark.stack
def test_from_the_archived_dead_letter_to_ready(bench):
    """A picture in Glacier is rejected; restored, it is rendered as soon as S3 says so, without a redrive."""
    bench.upload("cold/tom.jpg", StorageClass="GLACIER")
    bench.upload("deep/rex.jpg", StorageClass="DEEP_ARCHIVE")
    bench.upload("cold/warm.jpg")
    bench.wait_for_letters(2)
    bench.wait_for("cold/warm.jpg")
    bench.run("dlq", "list")
    bench.run("where", "cold/tom.jpg")
    bench.run("restore", "--prefix", "cold/", "--tier", "expedited", "--days", "2", "--dry-run")
    bench.run("restore")
    bench.run("restore", "cold/warm.jpg", "cold/never.jpg")
    bench.run("restore", "deep/rex.jpg", "--tier", "expedited")
    bench.run("restore", "deep/rex.jpg", "--tier", "bulk", "--yes")
    bench.run("dlq", "list", "--verdict", "restoring")
    bench.run("where", "deep/rex.jpg")
    bench.run("restore", "--prefix", "cold/", "--tier", "expedited", "--days", "2", "--yes")
    assert eventually(lambda: "web/cold/tom.jpg.webp" in bench.keys("output_bucket"), 60)
    manifest = "manifest/cold/tom.jpg.json"

    def type_():
        answer = bench.client("s3").get_object(Bucket=bench.stack["output_bucket"], Key=manifest)
        return json.loads(answer["Body"].read())["type"]

    assert eventually(lambda: type_() == "image.ready")
    bench.run("dlq", "list")
    bench.run("where", "cold/tom.jpg")
    bench.check_transcript("restore")
    restored = json.loads(bench.run("where", "cold/tom.jpg", "--json").out)["source"]["restore"]
    assert restored["is_under_way"] is False
    assert restored["until"]
    asked = json.loads(bench.run("restore", "cold/tom.jpg", "--dry-run", "--json").out)
    assert (asked["originals"], asked["left"]) == ([], {RESTORED: 1})


@pytest.mark.stack
def test_a_backfill_brings_expired_outputs_back(bench):
    """Manifests expire with the renditions, so that what is gone is outdated."""
    bench.upload("cats/tom.jpg")
    bench.wait_for("cats/tom.jpg")
    outputs = bench.keys("output_bucket")
    for key in outputs:  # As the lifecycle does: without an event.
        bench.client("s3").delete_object(Bucket=bench.stack["output_bucket"], Key=key)
    assert bench.run("backfill", "--outdated").status == 0
    bench.wait_for("cats/tom.jpg")
    assert bench.keys("output_bucket") == outputs


def test_nothing_to_restore_is_a_document_for_programs_too(bench):
    """As of every command that plans: what is planned, on standard output."""
    bench.upload("warm.jpg")

    ended = bench.run("restore", "warm.jpg", "--json")

    assert json.loads(ended.out)["originals"] == []
