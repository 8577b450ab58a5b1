from __future__ import annotations

from contextlib import suppress

import pytest

from tests.worker.images.pictures.small import jpeg
from tests.worker.reconcile.scene import KEYS, SPECS
from worker.contracts.errors import ServiceUnavailable, UnsupportedFormat
from worker.contracts.recipes.specs import RenditionSpec
from worker.reconcile.reconciler import READY, REMOVED, UNCHANGED


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
    """A subscriber can read the renditions, and a crash before the manifest publishes the message again."""
    world.reconcile()
    assert world.topic.readable == [KEYS - {"manifest/a.jpg.json"}]


def test_without_a_topic_everything_else_is_the_same(world):
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
    """A rendition that was deleted comes back; its neighbour is not written again, and the manifest lists both."""
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
    """Outputs of a removed source are deleted."""
    world.reconcile()
    del world.sources.objects["a.jpg"]
    assert world.reconcile().result == REMOVED
    assert world.outputs.objects == {}


def test_renditions_without_a_manifest_go_with_their_source(world):
    """What a crash left before the commit is looked for, although a key without a manifest is taken for a new one."""
    world.reconcile()
    del world.outputs.objects["manifest/a.jpg.json"]
    del world.sources.objects["a.jpg"]
    assert world.reconcile().result == REMOVED
    assert world.outputs.objects == {}


def test_renditions_without_a_manifest_are_kept_and_committed(world):
    """They were not looked for; the write that fails starts a round that does."""
    world.reconcile()
    before = dict(world.outputs.objects)
    del world.outputs.objects["manifest/a.jpg.json"]
    assert world.reconcile().result == READY
    assert [world.outputs.objects[key] is before[key] for key in before if key in KEYS - {"manifest/a.jpg.json"}] == [
        True
    ] * len(SPECS)


def test_an_event_for_what_never_was_changes_nothing(world):
    """A key without source and outputs is done."""
    assert world.reconcile("never.jpg").result == REMOVED
    assert world.outputs.objects == {}


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
