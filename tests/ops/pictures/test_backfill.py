from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from ops.pictures.backfill import Backfill, Seen, Selection
from ops.queues.rate import RateLimit
from ops.stack.buckets import Pictures
from tests.ops.dead_letters.test_verdict import RECIPE, MemoryPictures, ready, rejected
from tests.ops.support.fakes import BUCKET, QUEUE, Death, MemorySqs, queues
from worker.contracts.events import keys_of


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
            yield {"Contents": [{"Key": f"{number:07}.jpg", "ETag": f'"e{number}"'} for number in numbers]}
        yield {"Contents": [{"Key": "a folder/", "ETag": '"none"'}]}


class ListedPictures(MemoryPictures):
    """Buckets with a listing."""

    clients: Any = None
    listed = Pictures.listed


def pictures(count: int) -> Any:
    """Return buckets that list so many pictures and a folder, and hold no manifest."""
    found = ListedPictures()
    found.clients = MemoryListing(count)
    return found


def test_every_picture_gets_a_message_of_the_shape_that_s3_sends():
    """Ten a request; what a console calls a folder is no picture."""
    sqs = MemorySqs()
    seen = Seen()
    keys = Selection(pictures(25), "", None).keys(seen)
    enqueued = Backfill(BUCKET, queues(sqs)[1], RateLimit(None)).run(keys)
    assert [keys_of(body, BUCKET) for body in sqs.bodies(QUEUE)] == [(f"{number:07}.jpg",) for number in range(25)]
    assert (enqueued.sent, seen.listed, seen.chosen) == (25, 25, 25)
    assert sqs.requests.count("send") == 3


def test_outdated_are_those_of_another_recipe_or_etag_and_those_without_a_manifest():
    """A rejected picture is rendered again only after the recipe or the picture has changed."""
    there = pictures(6)
    there.manifests = {
        "0000000.jpg": ready("e0", RECIPE),
        "0000001.jpg": ready("e1", "another"),
        "0000002.jpg": ready("older", RECIPE),
        "0000003.jpg": rejected("e3"),
        "0000004.jpg": rejected("older"),
    }
    seen = Seen()
    assert list(Selection(there, "", RECIPE).keys(seen)) == [f"000000{number}.jpg" for number in (1, 2, 4, 5)]
    assert (seen.listed, seen.chosen) == (6, 4)


def test_what_sqs_does_not_take_is_sent_again_and_then_counted():
    """The `Failed` list is not ignored: three attempts, then it is reported."""
    sqs = MemorySqs()
    sqs.refuse = lambda _action, sent: {"Code": "InternalError"} if "0000003" in sent["MessageBody"] else None
    enqueued = Backfill(BUCKET, queues(sqs)[1], RateLimit(None), pause=lambda _seconds: None).run(
        Selection(pictures(12), "", None).keys(Seen())
    )
    assert (enqueued.sent, enqueued.refused) == (11, {"InternalError": 1})
    assert sqs.requests.count("send") == 4


def test_memory_does_not_grow_with_the_number_of_pictures():
    """Six times as many keys cost the same: a key kept of each would be 750 KB. `make bench-backfill` has a million."""

    class Nowhere(MemorySqs):
        def put(self, url, entry):
            pass

    def peak(count):
        sqs = Nowhere()
        sqs.requests = _Forgetful()
        sqs.death = Death(at=-2, steps=_Forgetful())
        tracemalloc.start()
        Backfill(BUCKET, queues(sqs)[1], RateLimit(None)).run(Selection(pictures(count), "", None).keys(Seen()))
        _, high = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return high

    peak(1_000)
    # Kept, 10,000 keys would be 750,000 bytes; batches in flight make 300,000 of noise. At most 40 bytes a key may be left.
    assert peak(12_000) < peak(2_000) + 400_000


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
