from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ops.dead_letters.verdict import Judge
from ops.pictures.backfill.backfill import SKIP, Backfill, Seen, Selection
from ops.queues.rate import RateLimit
from ops.stack.buckets import Pictures
from ops.stack.deployment import Deployment
from ops.stack.picture import Listed, ManifestState
from tests.ops.dead_letters.test_verdict import (
    AFTER,
    BEFORE,
    CROPPED,
    FAILED,
    RECIPE,
    RECIPES,
    MemoryPictures,
    ready,
    rejected,
    source,
)
from tests.ops.support.fakes import BUCKET, QUEUE, Death, MemorySqs, queues
from tests.ops.support.memory import traced_peak
from worker.contracts.events import keys_of, looks_in
from worker.contracts.recipes.by_prefix import Recipes
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS


def _entry(key: str, etag: str) -> dict[str, Any]:
    return {"Key": key, "ETag": f'"{etag}"', "Size": 1, "LastModified": FAILED}


class MemoryListing:
    """An S3 that lists `count` keys, made up as they are asked for, a thousand a page."""

    endpoint_url = None

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, service: str) -> MemoryListing:
        return self

    def get_paginator(self, operation: str) -> MemoryListing:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **_: Any):
        for first in range(0, self.count, 1000):
            numbers = range(first, min(first + 1000, self.count))
            yield {"Contents": [_entry(f"{number:07}.jpg", f"e{number}") for number in numbers]}
        yield {"Contents": [_entry("a folder/", "none")]}


class ListedPictures(MemoryPictures):
    """Buckets with a listing."""

    clients: Any = None
    listed = Pictures.listed


def pictures(count: int) -> Any:
    """Return buckets that list so many pictures and a folder, and hold no manifest."""
    found = ListedPictures()
    found.clients = MemoryListing(count)
    return found


def selection(
    there: Any,
    *,
    outdated: bool = False,
    looks: bool = False,
    recipes: Recipes = RECIPES,
    changed_at: Any = BEFORE,
    origin: str = "",
) -> Selection:
    """Return a selection of all that is there."""
    return Selection(Judge(there, Deployment(recipes, 512, 90, changed_at, "log", origin)), "", outdated, looks)


def test_every_picture_gets_a_message_of_the_shape_that_s3_sends():
    """Ten a request; what a console calls a folder is no picture."""
    sqs = MemorySqs()
    seen = Seen()
    keys = selection(pictures(25)).keys(seen)
    enqueued = Backfill(BUCKET, queues(sqs)[1], RateLimit(None)).run(keys)
    assert [keys_of(body, BUCKET) for body in sqs.bodies(QUEUE)] == [(f"{number:07}.jpg",) for number in range(25)]
    assert (enqueued.sent, seen.listed, seen.chosen) == (25, 25, 25)
    assert sqs.requests.count("send") == 3


def test_outdated_are_those_of_another_recipe_or_etag_and_those_without_a_manifest():
    """A rejected picture is sent again only where the picture has changed, or what the worker can do about its reason."""
    there = pictures(8)
    there.manifests = {
        "0000000.jpg": ready("e0", RECIPE),
        "0000001.jpg": ready("e1", "another"),
        "0000002.jpg": ready("older", RECIPE),
        "0000003.jpg": rejected("e3"),
        "0000004.jpg": rejected("older"),
        "0000006.jpg": rejected("e6", "too-large", AFTER),
        "0000007.jpg": rejected("e7", "too-large", BEFORE),
    }
    seen = Seen()
    chosen = list(selection(there, outdated=True, changed_at=FAILED).keys(seen))
    assert chosen == [f"000000{number}.jpg" for number in (1, 2, 4, 5, 7)]
    assert (seen.listed, seen.chosen, seen.rejected) == (8, 5, 2)


def test_a_manifest_without_a_look_is_sent_only_if_that_is_asked_for():
    """It is of a former version of the worker, and not outdated; an archived original cannot be read for one."""
    there = pictures(3)
    looks = ready("e1")
    there.manifests = {
        "0000000.jpg": ready("e0"),
        "0000001.jpg": ManifestState({**looks.document, "picture": {"color": "#c83c28"}}),
        "0000002.jpg": ready("older"),
    }
    assert list(selection(there, outdated=True).keys(Seen())) == ["0000002.jpg"]
    assert list(selection(there, outdated=True, looks=True).keys(Seen())) == ["0000000.jpg", "0000002.jpg"]
    archived = Listed("0000000.jpg", "e0", "GLACIER", 1, BEFORE)
    assert selection(there, outdated=True, looks=True).decide(archived).choice == SKIP


@pytest.mark.parametrize(
    ("url", "origin", "lacks"),
    [
        ("https://a.example/web/a?v=1", "https://a.example", False),
        ("https://a.example/web/a?v=1", "https://a.example.com", True),
        ("https://a.example/web/a?v=1", "", True),
        (None, "https://a.example", True),
        (None, "", False),
    ],
)
def test_addresses_of_a_former_delivery_are_a_look_that_is_missing(url, origin, lacks):
    """Where a stack begins to deliver, or from another domain; a rendition without a version never has an address."""
    there = pictures(1)
    web = {"name": "web", "key": "web/a", "version": "1", **({"url": url} if url else {})}
    manifest = ready("e0", renditions=[web, {"name": "thumbnail", "key": "thumbnail/a"}])
    there.manifests = {"0000000.jpg": ManifestState({**manifest.document, "picture": {"color": "#c83c28"}})}
    chosen = list(selection(there, outdated=True, looks=True, origin=origin).keys(Seen()))
    assert bool(chosen) is lacks


@pytest.mark.parametrize("looks", [False, True])
def test_the_messages_say_whether_looks_are_wanted(looks):
    """The worker leaves what is current alone unless they do."""
    sqs = MemorySqs()
    Backfill(BUCKET, queues(sqs)[1], RateLimit(None), looks=looks).run(["a.jpg"])
    assert [looks_in(body, "a.jpg") for body in sqs.bodies(QUEUE)] == [looks]


def test_outdated_are_those_of_another_focus_where_something_is_cropped():
    """Only those that were written since their manifest get a HEAD; the listing does not say what has changed."""
    there = pictures(5)
    recipes = Recipes({"": CROPPED, "0000004": DEFAULT_RENDITIONS})
    cropped, whole = (recipes.of(key).fingerprint for key in ("0", "0000004.jpg"))
    there.manifests = {
        "0000000.jpg": ready("e0", cropped, processed_at=BEFORE),
        "0000001.jpg": ready("e1", cropped, focus="0,1", processed_at=BEFORE),
        "0000002.jpg": ready("e2", cropped, focus="0,1", processed_at=BEFORE),
        "0000003.jpg": ready("e3", cropped, processed_at=AFTER),
        "0000004.jpg": ready("e4", whole, processed_at=BEFORE),
    }
    there.sources = {
        "0000000.jpg": source("e0", focus="0,1"),
        "0000001.jpg": source("e1", focus="0,1"),
        "0000002.jpg": source("e2"),
    }
    assert list(selection(there, outdated=True, recipes=recipes).keys(Seen())) == ["0000000.jpg", "0000002.jpg"]


def test_what_no_recipe_names_any_more_is_counted_before_it_is_deleted():
    """Renditions of a former recipe, and everything of a folder that is left alone now."""
    there = pictures(4)
    small = {"name": "small", "key": "small/0000000.jpg.webp"}
    thumbnail = [{"name": "thumbnail", "key": f"thumbnail/000000{number}.jpg.webp"} for number in range(4)]
    there.manifests = {
        "0000000.jpg": ready("e0", "another", renditions=[small, thumbnail[0]]),
        "0000002.jpg": ready("e2", renditions=[thumbnail[2]]),
    }
    recipes = Recipes({"": DEFAULT_RENDITIONS, "0000002": (), "0000003": ()})
    seen = Seen()
    assert list(selection(there, recipes=recipes).keys(seen)) == ["0000000.jpg", "0000001.jpg", "0000002.jpg"]
    assert (seen.chosen, seen.ignored, seen.deletes) == (3, 1, {"thumbnail": 1})
    seen = Seen()
    list(selection(there, outdated=True, recipes=recipes).keys(seen))
    assert (seen.chosen, seen.ignored, seen.deletes) == (3, 1, {"small": 1, "thumbnail": 1})


def test_the_first_recipes_leave_no_outputs_of_what_they_ignore():
    """In a bucket of others that may be nearly everything: nobody asks for a million manifests that cannot be there."""
    there = pictures(4)
    there.manifest = None  # Whoever calls it fails.
    recipes = Recipes({"0000001": DEFAULT_RENDITIONS}, generation=1)
    seen = Seen()
    assert list(selection(there, recipes=recipes).keys(seen)) == ["0000001.jpg"]
    assert (seen.listed, seen.chosen, seen.ignored) == (4, 1, 3)


@pytest.mark.parametrize(
    ("generation", "prefix", "listed"),
    [(1, "", ["photos/"]), (1, "photos/cats/", ["photos/cats/"]), (1, "ph", ["photos/"]), (1, "a/", []), (2, "", [""])],
)
def test_the_first_recipes_list_no_further_than_they_reach(generation, prefix, listed):
    """The rest of a bucket of others is none of ours; later ones may have left outputs anywhere."""
    there, asked = pictures(0), []

    def listing(prefix, _after):
        asked.append(prefix)
        return iter(())

    there.listed = listing
    recipes = Recipes({"photos/": DEFAULT_RENDITIONS, "photos/cats/": ()}, generation=generation)
    assert list(replace(selection(there, recipes=recipes), prefix=prefix).keys(Seen())) == []
    assert asked == listed


def test_what_sqs_does_not_take_is_sent_again_and_then_counted():
    """The `Failed` list is not ignored: three attempts, then it is reported."""
    sqs = MemorySqs()
    sqs.refuse = lambda _action, sent: {"Code": "InternalError"} if "0000003" in sent["MessageBody"] else None
    enqueued = Backfill(BUCKET, queues(sqs)[1], RateLimit(None), pause=lambda _seconds: None).run(
        selection(pictures(12)).keys(Seen())
    )
    assert (enqueued.sent, enqueued.refused) == (11, {"InternalError": 1})
    assert sqs.requests.count("send") == 4


@pytest.mark.soak
def test_memory_does_not_grow_with_the_number_of_pictures():
    """Six times as many keys cost the same: a key kept of each would be 750 KB. `make bench-backfill` has a million."""

    class Nowhere(MemorySqs):
        def put(self, url, entry):
            pass

    def peak(count):
        sqs = Nowhere()
        sqs.requests = _Forgetful()
        sqs.death = Death(at=-2, steps=_Forgetful())
        selected = selection(pictures(count))
        return traced_peak(lambda: Backfill(BUCKET, queues(sqs)[1], RateLimit(None)).run(selected.keys(Seen())))

    peak(1_000)
    # Kept, 10,000 keys would be 750,000 bytes; batches in flight make 300,000 of noise, not each time. At most 40 bytes a key may be left.
    assert min(peak(12_000) for _ in range(3)) < min(peak(2_000) for _ in range(3)) + 400_000


class _Forgetful(list):
    def append(self, _item):
        pass


@pytest.mark.stack
def test_backfill_makes_what_is_missing_on_the_embedded_aws(bench):
    """Outputs that were lost come back through the queue of their own; the dry run says what would be done."""
    for key in ("cats/a.jpg", "cats/b.jpg", "dogs/c.jpg"):
        bench.upload(key)
    bench.wait_for("cats/a.jpg", "cats/b.jpg", "dogs/c.jpg")
    for key in ("cats/a.jpg", "dogs/c.jpg"):
        bench.client("s3").delete_object(Bucket=bench.stack["output_bucket"], Key=f"manifest/{key}.json")
    bench.run("backfill", "--outdated", "--dry-run")
    bench.run("backfill", "--prefix", "cats/", "--outdated")
    bench.check_transcript("backfill")
    bench.wait_for("cats/a.jpg")
    assert not bench.is_handled("dogs/c.jpg")
    assert json.loads(bench.run("backfill", "--json").out) == {"listed": 3, "enqueued": 3, "refused": {}}
    bench.wait_for("dogs/c.jpg")


@pytest.mark.stack
def test_looks_are_added_to_manifests_of_a_former_version_on_the_embedded_aws(bench):
    """The renditions are not written again: a page that has their addresses keeps them."""
    bench.upload("cats/a.jpg")
    bench.wait_for("cats/a.jpg")
    s3, bucket, key = bench.client("s3"), bench.stack["output_bucket"], "manifest/cats/a.jpg.json"
    stored = s3.get_object(Bucket=bucket, Key=key)
    manifest = json.loads(stored["Body"].read())
    former = {name: value for name, value in manifest.items() if name != "picture"}
    metadata = {name: value for name, value in stored["Metadata"].items() if name != "look"}
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(former), Metadata=metadata)
    assert json.loads(bench.run("backfill", "--outdated", "--dry-run", "--json").out)["chosen"] == 0
    bench.run("backfill", "--outdated", "--looks")
    renewed = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert (renewed["picture"], renewed["renditions"]) == (manifest["picture"], manifest["renditions"])


@pytest.mark.stack
def test_an_interrupted_backfill_goes_on_where_it_was(bench, monkeypatch):
    """By its journal: after the last batch that AWS has taken for sure, with nothing left out."""
    keys = [f"many/{number:02}.jpg" for number in range(25)]
    for key in keys:
        bench.upload(key)
    bench.wait_for(*keys)
    sent: list[str] = []
    left = [1]

    def send(_queue, entries):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        sent.extend(keys_of(entry["MessageBody"], bench.stack["source_bucket"])[0] for entry in entries)
        return {}

    monkeypatch.setattr("ops.queues.queue.Queue.send", send)
    ended = bench.run("backfill", "--prefix", "many/", "--canary", "0")
    assert ended.status == 1
    assert "Not everything was sent. To go on: " in ended.err
    assert sent == keys[:10]
    assert "--resume goes on as it was begun" in bench.run("backfill", "--resume", "--prefix", "many/").err
    left[0] = 9
    ended = bench.run("backfill", "--resume", "--json")
    assert "Going on after many/09.jpg: 10 of 25 are sent." in ended.err
    assert json.loads(ended.out) == {"listed": 25, "enqueued": 15, "refused": {}}
    assert sent == keys
    assert bench.run("backfill", "--resume").status == 2


@pytest.mark.stack
def test_a_first_backfill_has_a_canary_which_one_bad_picture_does_not_stop(bench):
    """In a bucket of others there is anything; but where nothing can be rendered, the rest is not sent."""
    bench.upload("a/notes.txt", b"no picture")
    for number in range(3):
        bench.upload(f"b/{number}.jpg")
    bench.wait_for("a/notes.txt", *(f"b/{number}.jpg" for number in range(3)))
    for key in bench.keys("output_bucket"):
        bench.client("s3").delete_object(Bucket=bench.stack["output_bucket"], Key=key)
    ended = bench.run("backfill", "--canary", "2", "--json")
    assert "a/notes.txt: rejected: unsupported-format" in ended.err
    assert (ended.status, json.loads(ended.out)["enqueued"]) == (0, 4)
    bench.wait_for("b/2.jpg")
    for key in bench.keys("output_bucket"):
        bench.client("s3").delete_object(Bucket=bench.stack["output_bucket"], Key=key)
    ended = bench.run("backfill", "--canary", "1", "--json")
    assert (ended.status, ended.out) == (1, "")
    assert "The canary failed, so the others were not sent" in ended.err
