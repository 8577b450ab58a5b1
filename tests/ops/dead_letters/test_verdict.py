from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from ops.dead_letters.verdict import VERDICTS, Judge, is_current, permanent_reasons
from ops.queues.letter import Letter
from ops.stack.deployment import Deployment
from ops.stack.picture import ManifestState, Restore, SourceState
from tests.ops.support.fakes import BUCKET, attributes, letter
from worker.contracts.errors import Reject, Retry, leaves
from worker.contracts.events import event_body
from worker.contracts.recipes.by_prefix import Recipe, one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, RenditionSpec, recipe_of

FAILED = datetime(2026, 11, 24, 10, tzinfo=UTC)
BEFORE, AFTER = FAILED - timedelta(hours=1), FAILED + timedelta(hours=1)
RECIPES = one_recipe(DEFAULT_RENDITIONS)
RECIPE = recipe_of(DEFAULT_RENDITIONS)
CROPPED = (RenditionSpec("square", 96, 96, fit="cover"),)


@dataclass
class MemoryPictures:
    source_bucket: str = BUCKET
    sources: dict = field(default_factory=dict)
    manifests: dict = field(default_factory=dict)

    def source(self, key):
        return self.sources.get(key)

    def manifest(self, key):
        return self.manifests.get(key)


def source(etag="e1", modified_at=BEFORE, *, archived=False, restore=None, focus=""):
    """Return a source as it is now."""
    return SourceState(etag, "v", 10, modified_at, "GLACIER" if archived else "STANDARD", archived, restore, focus)


def ready(etag="e1", recipe=RECIPE, renditions=(), *, focus=None, notes=(), processed_at=BEFORE):
    """Return the manifest of a picture that is ready."""
    return ManifestState(
        {
            "type": "image.ready",
            "source": {"etag": etag, **({"focus": focus} if focus else {})},
            "recipe": recipe,
            "renditions": list(renditions),
            "notes": list(notes),
            "processed_at": processed_at.isoformat(),
        }
    )


def rejected(etag="e1", reason="truncated", processed_at=BEFORE):
    """Return the manifest of a picture that was refused."""
    return ManifestState(
        {
            "type": "image.rejected",
            "source": {"etag": etag},
            "recipe": RECIPE,
            "reason": reason,
            "processed_at": processed_at.isoformat(),
        }
    )


def judge(sources, manifests, changed_at=BEFORE, recipes=RECIPES):
    """Return a judge of these buckets."""
    deployment = Deployment(recipes, 512, 90, changed_at, "log")
    return Judge(MemoryPictures(sources=sources, manifests=manifests), deployment)  # type: ignore[arg-type]


def died(reason="throttled", etag=None, **others):
    """Return a letter about a.jpg that failed at `FAILED`."""
    read = letter("a.jpg", reason, failed_at=FAILED.isoformat(), **others)
    if etag is None:
        return read
    body = json.loads(read.body)
    body["Records"][0]["s3"]["object"]["eTag"] = etag
    return Letter(read.id, json.dumps(body), read.attributes, read.sent_at)


@pytest.mark.parametrize(
    ("verdict", "died_of", "there", "manifest"),
    [
        ("retry", died(), source(), None),
        ("retry", died(), source(), ready("e0")),
        ("retry", died(), source(), ready(recipe="older")),
        ("retry", died(), source(), rejected()),
        ("retry", died("a-reason-of-next-year"), source(), None),
        ("retry", died(), None, ready()),
        ("source-gone", died(), None, None),
        ("source-gone", died("truncated"), None, None),
        ("already-ready", died(), source(), ready()),
        ("already-ready", died("truncated"), source("e2", AFTER), ready("e2")),
        ("archived", died(), source(archived=True), None),
        ("archived", died("archived"), source(archived=True), rejected()),
        ("restoring", died("archived"), source(archived=True, restore=Restore(True, None)), rejected()),
        ("retry", died("archived"), source(restore=Restore(False, AFTER)), rejected()),
        ("already-ready", died("archived"), source(archived=True, restore=Restore(True, None)), ready()),
        ("superseded", died("truncated"), source("e2", AFTER), rejected()),
        ("superseded", died("truncated", etag="e0"), source("e1", BEFORE), rejected("e0")),
        ("permanent", died("truncated", etag="e1"), source("e1", AFTER), rejected()),
        ("permanent", died("truncated"), source(), rejected()),
        ("no-answer", died(None, etag="e1"), source(), None),
    ],
)
def test_a_verdict_is_judged_by_what_is_in_the_buckets_now(verdict, died_of, there, manifest):
    """Each verdict in each way that it can come about."""
    sources = {"a.jpg": there} if there else {}
    manifests = {"a.jpg": manifest} if manifest else {}
    assert judge(sources, manifests)(died_of) == verdict


@pytest.mark.parametrize(
    ("focus", "manifest", "cropped", "current"),
    [
        ("", {}, True, True),
        ("0,1", {}, True, False),
        ("0,1", {"focus": "0,1"}, True, True),
        ("0,1", {"focus": "1,1"}, True, False),
        ("", {"focus": "1,1"}, True, False),
        ("ignored", {"notes": ["focus-ignored"]}, True, True),
        ("ignored", {}, True, False),
        ("", {"notes": ["focus-ignored"]}, True, False),
        ("0,1", {}, False, True),
        ("ignored", {}, False, True),
    ],
)
def test_a_picture_is_current_by_its_focus_too(focus, manifest, cropped, current):
    """A copy in place keeps the ETag; where nothing is cropped, no focus counts."""
    recipe = Recipe(CROPPED if cropped else DEFAULT_RENDITIONS)
    assert is_current(source(focus=focus), ready("e1", recipe.fingerprint, **manifest), recipe) == current


def test_a_worker_changed_since_may_take_what_it_refused():
    """More memory, another recipe or a new version: what was permanent is worth a redrive again."""
    assert judge({"a.jpg": source()}, {}, changed_at=AFTER)(died("too-large")) == "retry"


def test_a_restored_picture_is_worth_a_redrive():
    """`archived` is permanent only as long as the source is."""
    assert judge({"a.jpg": source()}, {})(died("archived")) == "retry"


def test_a_message_without_a_key_is_judged_by_its_reason():
    """There is no picture to read."""
    hello = Letter("i", "hello", attributes("malformed-event"), FAILED)
    assert judge({}, {})(hello) == "permanent"
    assert judge({}, {})(Letter("i", "hello", {}, FAILED)) == "no-answer"


def test_of_several_keys_the_verdict_that_most_needs_an_operator_counts():
    """One letter, one verdict: a picture that is fine does not hide one that is not."""
    both = Letter("i", event_body(BUCKET, "a.jpg", "b.jpg"), attributes("throttled"), FAILED)
    assert judge({"a.jpg": source(), "b.jpg": source()}, {"a.jpg": ready()})(both) == "retry"


def test_every_reason_either_passes_with_time_or_is_permanent():
    """Exactly the rejects are permanent, but for the one that a restore ends."""
    rejects = {leaf.reason for leaf in leaves(Reject)}
    assert permanent_reasons() == rejects - {"archived"}
    assert not permanent_reasons() & {leaf.reason for leaf in leaves(Retry)}


def test_many_letters_are_judged_in_order():
    """Several at a time, each with its own verdict, and none is held back for long."""
    letters = [Letter(str(n), event_body(BUCKET, f"{n}.jpg"), attributes("throttled"), FAILED) for n in range(400)]
    sources = {f"{n}.jpg": source() for n in range(0, 400, 2)}
    judged = list(judge(sources, {}).each(iter(letters)))
    assert [read.id for read, _ in judged] == [str(n) for n in range(400)]
    assert [verdict for _, verdict in judged] == ["retry", "source-gone"] * 200
    assert set(VERDICTS) >= {verdict for _, verdict in judged}
