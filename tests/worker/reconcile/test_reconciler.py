from __future__ import annotations

import itertools
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.worker.fakes import MemoryOriginals, MemoryOutputs, MemorySources, MemoryTopic, etag_of
from tests.worker.images.pictures.small import jpeg
from worker.contracts.errors import (
    Archived,
    Conflict,
    DecoderCrashed,
    KeyTooLong,
    ServiceUnavailable,
    TooLarge,
    UnsupportedFormat,
)
from worker.contracts.recipe import RenditionSpec
from worker.reconcile.reconciler import READY, REMOVED, ROUNDS, UNCHANGED, Reconciler
from worker.reconcile.sources import Source, SourceHead
from worker.rendering.renderer import Budget, Renderer

if TYPE_CHECKING:
    from worker.reconcile.outputs import Head

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SPECS = (RenditionSpec("thumbnail", 16, 16), RenditionSpec("web", 32, 32))
KEYS = {"thumbnail/a.jpg.webp", "web/a.jpg.webp", "manifest/a.jpg.json"}


@dataclass
class World:
    """Both buckets, the topic, and a reconciler of them."""

    specs: tuple[RenditionSpec, ...] = SPECS
    memory_mb: int = 512
    sources: MemorySources = field(default_factory=MemorySources)
    outputs: MemoryOutputs = field(default_factory=MemoryOutputs)
    render: Any = None
    has_topic: bool = True
    originals: MemoryOriginals | None = None

    def __post_init__(self) -> None:
        self.topic = MemoryTopic(self.outputs)

    def reconcile(self, key: str = "a.jpg"):
        reconciler = Reconciler(
            bucket="pictures",
            sources=self.sources,
            outputs=self.outputs,
            publish=self.topic.publish if self.has_topic else None,
            specs=self.specs,
            render=self.render or Renderer(self.specs, self.memory_mb * 2**20),
            now=lambda: NOON,
            originals=self.originals,
        )
        return reconciler(key, Budget(60))

    def manifest(self, key: str = "a.jpg"):
        return json.loads(self.outputs.objects[f"manifest/{key}.json"].data)


@pytest.fixture
def world() -> World:
    """Return a world with one picture."""
    world = World()
    world.sources.objects["a.jpg"] = jpeg()
    return world


def test_a_new_picture_gets_its_renditions_and_its_manifest(world):
    """A picture without outputs gets every rendition and a manifest that describes them."""
    assert world.reconcile().result == READY
    assert set(world.outputs.objects) == KEYS
    manifest = world.manifest()
    assert manifest["type"] == "image.ready"
    assert manifest["source"]["key"] == "a.jpg"
    assert (manifest["source"]["format"], manifest["source"]["width"], manifest["source"]["height"]) == ("JPEG", 40, 30)
    assert manifest["processed_at"] == "2026-01-01T12:00:00Z"
    assert [(r["name"], r["width"], r["height"]) for r in manifest["renditions"]] == [
        ("thumbnail", 16, 12),
        ("web", 32, 24),
    ]
    sizes = {r["key"]: r["bytes"] for r in manifest["renditions"]}
    assert sizes == {key: len(world.outputs.objects[key].data) for key in sizes}


def test_every_output_says_what_it_was_made_from(world):
    """Each output carries the source's ETag and the recipe, and its Content-Type is set."""
    world.reconcile()
    metadata = [stored.head.metadata for stored in world.outputs.objects.values()]
    assert len({entry["source-etag"] for entry in metadata}) == 1
    assert len({entry["recipe"] for entry in metadata}) == 1
    assert {stored.content_type for stored in world.outputs.objects.values()} == {"image/webp", "application/json"}


def test_the_manifest_goes_last(world):
    """The manifest is the commit mark: it is written after every rendition."""
    world.reconcile()
    assert world.outputs.puts[-1] == "manifest/a.jpg.json"


def test_the_message_comes_after_the_renditions_and_before_the_manifest(world):
    """Who hears of a picture can read its renditions, and a crash before the manifest tells it again."""
    world.reconcile()
    assert world.topic.readable == [KEYS - {"manifest/a.jpg.json"}]


def test_nothing_is_told_of_a_version_that_was_replaced_meanwhile(world):
    """Between the renditions and the message the picture changes: only the new version is told of."""

    def replace(key: str) -> None:
        if key.startswith("web/"):
            world.outputs.before_put = lambda _key: None
            world.sources.objects["a.jpg"] = jpeg(colour="blue")

    world.outputs.before_put = replace
    assert world.reconcile().result == READY
    newer = etag_of(jpeg(colour="blue")).strip('"')
    assert [manifest.source.etag for manifest in world.topic.messages] == [newer]


def test_who_tells_nobody_does_all_the_rest(world):
    """Without a topic there is no message, and everything else is the same."""
    world.has_topic = False
    assert world.reconcile().result == READY
    assert set(world.outputs.objects) == KEYS
    assert world.topic.messages == []


@pytest.mark.parametrize("picture", [jpeg(), b"no picture"])
def test_what_the_topic_does_not_take_is_not_committed(world, picture):
    """Ready or rejected: without a message there is no commit mark, and the next attempt publishes."""
    world.sources.objects["a.jpg"] = picture
    world.topic.failing = ServiceUnavailable("no topic")
    with pytest.raises(ServiceUnavailable):
        world.reconcile()
    assert "manifest/a.jpg.json" not in world.outputs.objects
    world.topic.failing = None
    with suppress(UnsupportedFormat):
        world.reconcile()
    assert "manifest/a.jpg.json" in world.outputs.objects
    assert len(world.topic.messages) == 1


def test_a_second_delivery_downloads_and_writes_nothing(world):
    """A duplicate of a handled event costs no download, no write and no message."""
    world.reconcile()
    assert world.reconcile().result == UNCHANGED
    assert (world.sources.downloads, len(world.outputs.puts), len(world.topic.messages)) == (1, 3, 1)


def test_an_overwritten_picture_is_made_again(world):
    """A new version of a source replaces every output."""
    world.reconcile()
    before = {key: stored.data for key, stored in world.outputs.objects.items()}
    world.sources.objects["a.jpg"] = jpeg(colour="blue")
    assert world.reconcile().result == READY
    assert all(world.outputs.objects[key].data != data for key, data in before.items())


def test_only_what_is_missing_is_made(world):
    """A rendition that somebody deleted comes back; its neighbour is not written again, and the manifest lists both."""
    world.reconcile()
    del world.outputs.objects["thumbnail/a.jpg.webp"]
    world.outputs.puts.clear()
    assert world.reconcile().result == READY
    assert world.outputs.puts == ["thumbnail/a.jpg.webp", "manifest/a.jpg.json"]
    assert [(r["name"], r["width"]) for r in world.manifest()["renditions"]] == [("thumbnail", 16), ("web", 32)]


def test_another_recipe_makes_outputs_outdated(world):
    """Changed rendition specs make every output again."""
    world.reconcile()
    world.specs = (RenditionSpec("thumbnail", 8, 8), SPECS[1])
    assert world.reconcile().result == READY
    assert world.manifest()["renditions"][0]["width"] == 8


def test_a_removed_picture_loses_its_outputs(world):
    """Outputs of a source that is gone are deleted."""
    world.reconcile()
    del world.sources.objects["a.jpg"]
    assert world.reconcile().result == REMOVED
    assert world.outputs.objects == {}


def test_an_event_for_what_never_was_changes_nothing(world):
    """A key without source and outputs is done."""
    assert world.reconcile("never.jpg").result == REMOVED
    assert world.outputs.objects == {}


def test_a_slow_worker_never_overwrites_a_newer_picture(world):
    """Who read the old picture loses against who wrote the new one's outputs meanwhile, and then sees the new one."""
    newer = jpeg(colour="blue")

    def overtake(_key: str) -> None:
        world.outputs.before_put = lambda _key: None
        world.sources.objects["a.jpg"] = newer
        world.reconcile()

    world.outputs.before_put = overtake
    assert world.reconcile().result == UNCHANGED
    assert world.manifest()["source"]["bytes"] == len(newer)


def test_who_loses_every_round_gives_up_for_now(world):
    """After three lost rounds the conflict is the message's outcome, to be retried later."""
    rounds = []

    def lose(key: str) -> None:
        rounds.append(key)
        raise Conflict("somebody was faster")

    world.outputs.before_put = lose
    with pytest.raises(Conflict):
        world.reconcile()
    assert rounds == ["thumbnail/a.jpg.webp", "web/a.jpg.webp"] * ROUNDS


def test_a_rejected_picture_keeps_its_last_good_renditions(world):
    """A broken new version is told in the manifest and on the topic; the renditions of the last good one stay."""
    world.reconcile()
    good = world.outputs.objects["web/a.jpg.webp"].data
    world.sources.objects["a.jpg"] = b"no picture at all"
    with pytest.raises(UnsupportedFormat):
        world.reconcile()
    assert world.outputs.objects["web/a.jpg.webp"].data == good
    assert (world.manifest()["type"], world.manifest()["reason"]) == ("image.rejected", "unsupported-format")
    assert [manifest.type for manifest in world.topic.messages] == ["image.ready", "image.rejected"]


def test_a_rejected_picture_is_looked_at_again(world):
    """A rejection is never taken for done: a redrive of it is judged anew."""
    world.sources.objects["a.jpg"] = b"no picture at all"
    for _ in range(2):
        with pytest.raises(UnsupportedFormat):
            world.reconcile()
    assert world.sources.downloads == 2


def test_what_was_written_too_late_is_taken_back(world):
    """A slow worker finds nothing in its way when the picture was removed meanwhile; it looks again, and cleans up."""

    def remove(_key: str) -> None:
        world.outputs.before_put = lambda _key: None
        del world.sources.objects["a.jpg"]
        assert world.reconcile().result == REMOVED

    world.outputs.before_put = remove
    assert world.reconcile().result == REMOVED
    assert world.outputs.objects == {}


def test_a_picture_that_was_put_back_keeps_its_outputs(world):
    """Who removes outputs looks again: the very same picture may have come back, and its event have found all in order."""
    world.reconcile()
    picture = world.sources.objects.pop("a.jpg")
    delete = world.outputs.delete

    def put_back(key: str, *, expected: Head) -> None:
        if "a.jpg" not in world.sources.objects:
            world.sources.objects["a.jpg"] = picture
            assert world.reconcile().result == UNCHANGED
        delete(key, expected=expected)

    world.outputs.delete = put_back
    assert world.reconcile().result == READY
    assert set(world.outputs.objects) == KEYS


def test_a_picture_that_was_replaced_and_put_back_ends_as_it_is(world):
    """ETags are hashes of content, so a condition does not see that a picture went and came back; the second look does."""
    first, second = jpeg(), jpeg(colour="blue")
    world.reconcile()
    world.sources.objects["a.jpg"] = second

    def put_back(_key: str) -> None:
        world.outputs.before_put = lambda _key: None
        world.sources.objects["a.jpg"] = first
        assert world.reconcile().result == UNCHANGED

    world.outputs.before_put = put_back
    world.reconcile()
    assert world.manifest()["source"]["etag"] == etag_of(first).strip('"')


def test_the_verdict_on_a_picture_that_was_replaced_is_not_passed(world):
    """A bad picture that somebody mended while it was judged is no reject: the new one is handled."""
    world.sources.objects["a.jpg"] = b"no picture at all"

    def mend(_key: str) -> None:
        world.sources.objects["a.jpg"] = jpeg()

    world.outputs.before_put = mend
    assert world.reconcile().result == READY
    assert world.manifest()["type"] == "image.ready"


def test_a_source_that_keeps_changing_is_a_conflict(world):
    """After three rounds in which the source changed each time, the message waits its turn."""
    numbers = itertools.count(50)

    def change(_key: str) -> None:
        world.sources.objects["a.jpg"] = jpeg(width=next(numbers))

    world.outputs.before_put = change
    with pytest.raises(Conflict, match="changed while"):
        world.reconcile()


def test_a_rendition_that_the_recipe_lost_is_deleted(world):
    """A rendition that was renamed or dropped, or whose format changed, does not stay behind."""
    world.reconcile()
    world.specs = (RenditionSpec("small", 16, 16), RenditionSpec("web", 32, 32, format="png"))
    assert world.reconcile().result == READY
    assert set(world.outputs.objects) == {"small/a.jpg.webp", "web/a.jpg.png", "manifest/a.jpg.json"}


def test_a_removed_picture_loses_the_renditions_of_former_recipes_too(world):
    """What an older recipe made of a picture goes with it, even where the picture became unreadable in between."""
    world.reconcile()
    world.sources.objects["a.jpg"] = b"no picture at all"
    world.specs = (RenditionSpec("small", 16, 16),)
    with pytest.raises(UnsupportedFormat):
        world.reconcile()
    assert "web/a.jpg.webp" in world.outputs.objects
    del world.sources.objects["a.jpg"]
    assert world.reconcile().result == REMOVED
    assert world.outputs.objects == {}


def test_a_picture_in_an_archive_is_rejected_unless_nobody_needs_to_read_it(world):
    """Without renditions it has to be restored first; the manifest says so."""

    def refuse() -> bytes:
        raise Archived("restore it")

    world.sources.get = lambda key, *, unless: Source(key, '"etag"', None, 3, refuse)
    world.sources.head = lambda key: SourceHead('"etag"', None)
    with pytest.raises(Archived):
        world.reconcile()
    assert world.manifest()["reason"] == "archived"


@pytest.mark.parametrize(("same", "in_child"), [(True, True), (False, False)])
def test_a_picture_known_to_end_its_process_is_never_rendered_here_again(world, same, in_child):
    """A redriven crasher comes in a fresh message; its manifest remembers. Another picture under its key is no suspect."""
    budgets = []

    def crash(source, wanted, budget):
        budgets.append(budget.in_child)
        raise DecoderCrashed("SIGSEGV")

    world.render = crash
    with pytest.raises(DecoderCrashed):
        world.reconcile()
    if not same:
        world.sources.objects["a.jpg"] = jpeg(colour="blue")
    with pytest.raises(DecoderCrashed):
        world.reconcile()
    assert budgets == [False, in_child]


def test_a_file_that_would_fill_the_memory_is_refused_before_its_download(world):
    """A source of more than half the memory is too large, and its bytes are not fetched."""
    world.memory_mb = 1
    world.sources.objects["a.jpg"] = jpeg() + bytes(2**20)
    with pytest.raises(TooLarge, match="workerMemory"):
        world.reconcile()
    assert world.sources.downloads == 0


def test_a_key_too_long_for_its_outputs_is_rejected(world):
    """S3 takes 1,024 bytes; a source whose rendition's key would be longer is rejected by name, and told of."""
    key = "ä" * 510
    world.sources.objects[key] = jpeg()
    with pytest.raises(KeyTooLong):
        world.reconcile(key)
    assert [(m.type, m.reason, m.source.key) for m in world.topic.messages] == [("image.rejected", "key-too-long", key)]


def test_a_removed_picture_with_such_a_key_is_done(world):
    """Nothing can have been made of it, so nothing is left to do."""
    assert world.reconcile("ä" * 510).result == REMOVED


@pytest.fixture
def archive(world):
    """Return the world where originals are marked, so that they may be archived."""
    world.originals = MemoryOriginals()
    world.sources.numbers["a.jpg"] = 7
    return world


def test_an_original_may_be_archived_once_it_is_ready(archive):
    """The very version that was rendered is marked, after everything else."""
    assert archive.reconcile().result == READY
    assert archive.originals.marked == {("a.jpg", "v7")}


def test_an_original_that_was_not_marked_is_so_at_the_next_look(archive):
    """Marking failed: the message comes back, finds everything current, and marks it without a download."""
    archive.originals.failing = ServiceUnavailable("try again")
    with pytest.raises(ServiceUnavailable):
        archive.reconcile()
    archive.originals.failing = None
    assert archive.reconcile().result == UNCHANGED
    assert archive.originals.marked == {("a.jpg", "v7")}
    assert archive.sources.downloads == 1


def test_a_rejected_original_stays_at_hand(archive):
    """Nor does it keep a mark that it came with, copied from a ready one."""
    archive.sources.objects["a.jpg"] = b"no picture at all"
    archive.originals.marked.add(("a.jpg", "v7"))
    with pytest.raises(UnsupportedFormat):
        archive.reconcile()
    assert archive.originals.marked == set()


def test_a_picture_that_is_replaced_while_it_is_looked_at_is_not_marked_for_the_other(archive):
    """Unchanged when it was asked for, another one when it is marked: the new one is handled first."""
    archive.reconcile()
    head = archive.sources.head

    def replaced(key):
        archive.sources.head = head
        archive.sources.objects[key], archive.sources.numbers[key] = jpeg(colour="blue"), 8
        return head(key)

    archive.sources.head = replaced
    assert archive.reconcile().result == READY
    assert archive.originals.marked == {("a.jpg", "v7"), ("a.jpg", "v8")}
