"""The look in a manifest, and the versions and addresses of renditions."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from PIL import Image

from tests.worker.images.pictures.small import jpeg
from tests.worker.reconcile.scene import KEYS, World
from worker.contracts.errors import ServiceUnavailable, TooLarge
from worker.reconcile.reconciler import READY, REMOVED, UNCHANGED

SCHEMA = json.loads(Path(__file__).parents[3].joinpath("docs", "completion.schema.json").read_text(encoding="utf-8"))
MANIFEST = "manifest/a.jpg.json"
ORIGIN = "https://images.example.com"


def _later(world: World) -> None:
    world.clock += timedelta(microseconds=1)


def _versions(world: World) -> list[str | None]:
    return [rendition.get("version") for rendition in world.manifest()["renditions"]]


def _age(world: World, *, renditions: bool = True) -> None:
    """Make the manifest that of a former worker, and the renditions, too."""
    document = {key: value for key, value in world.manifest().items() if key != "picture"}
    for each in document["renditions"]:
        for field in ("version", "url"):
            each.pop(field, None)
    stored = world.outputs.objects[MANIFEST]
    world.outputs.put(MANIFEST, json.dumps(document).encode(), stored.content_type, {}, expected=stored.head)
    head = world.outputs.objects[MANIFEST].head
    metadata = {key: value for key, value in stored.head.metadata.items() if key != "look"}
    world.outputs.objects[MANIFEST].head = replace(head, metadata=metadata)
    for key in KEYS - {MANIFEST} if renditions else ():
        made = world.outputs.objects[key]
        made.head = replace(made.head, metadata={k: v for k, v in made.head.metadata.items() if k != "version"})
    world.outputs.puts.clear()


def test_the_manifest_has_the_look_of_the_picture(world):
    """Size, colour, placeholder and ThumbHash, in the form of the schema; so has the message."""
    world.origin = ORIGIN
    world.reconcile()
    picture = world.manifest()["picture"]
    assert (picture["width"], picture["height"], picture["color"]) == (40, 30, "#fe0000")
    assert picture["placeholder"].startswith("data:image/webp;base64,")
    jsonschema.validate(world.manifest(), SCHEMA)
    assert json.loads(world.topic.messages[0].to_json()) == world.manifest()


def test_each_rendition_has_a_version_of_its_own(world):
    """In the manifest, and as metadata of what was written."""
    world.reconcile()
    versions = _versions(world)
    assert len({*versions}) == 2
    assert versions == [
        world.outputs.objects[key].head.metadata["version"] for key in ("thumbnail/a.jpg.webp", "web/a.jpg.webp")
    ]


def test_no_version_ever_comes_back(world):
    """Not even where a picture is replaced and put back: an edge that was asked for the first one in between has the second's bytes."""
    seen = []
    for colour in ("red", "blue", "red"):
        world.sources.objects["a.jpg"] = jpeg(colour=colour)
        _later(world)
        world.reconcile()
        seen += _versions(world)
    assert len({*seen}) == len(seen)


def test_what_is_not_made_anew_keeps_its_version(world):
    """Its bytes are the same, and so is its address."""
    world.reconcile()
    before = _versions(world)
    del world.outputs.objects["thumbnail/a.jpg.webp"]
    _later(world)
    world.reconcile()
    assert _versions(world)[0] != before[0]
    assert _versions(world)[1] == before[1]


def test_an_address_has_the_version(world):
    """Where the stack delivers; else there is none."""
    world.reconcile()
    assert "url" not in world.manifest()["renditions"][0]
    world.origin = ORIGIN
    world.reconcile(looks=True)
    assert [rendition["url"] for rendition in world.manifest()["renditions"]] == [
        f"{ORIGIN}/{name}/a.jpg.webp?v={version}"
        for name, version in zip(("thumbnail", "web"), _versions(world), strict=True)
    ]


def test_a_rendition_of_a_former_worker_has_neither_version_nor_address(world):
    """Nobody knows what it was called; its bytes may have changed since."""
    world.origin = ORIGIN
    world.reconcile()
    _age(world)
    del world.outputs.objects["thumbnail/a.jpg.webp"]
    world.reconcile()
    thumbnail, web = world.manifest()["renditions"]
    assert {"version", "url"} <= thumbnail.keys()
    assert not {"version", "url"} & web.keys()
    jsonschema.validate(world.manifest(), SCHEMA)


def test_a_manifest_without_a_look_is_current(world):
    """A new worker reads nothing and writes nothing of what a former one has made."""
    world.reconcile()
    _age(world)
    downloads = world.sources.downloads
    assert world.reconcile().result == UNCHANGED
    assert (world.outputs.puts, world.sources.downloads) == ([], downloads)
    assert "picture" not in world.manifest()


def test_a_look_that_is_asked_for_is_added(world):
    """The manifest alone is written anew; renditions keep their bytes and their versions, and the message goes out with it."""
    world.reconcile()
    before, versions = world.manifest(), _versions(world)
    _age(world, renditions=False)
    _later(world)
    assert world.reconcile(looks=True).result == READY
    assert world.outputs.puts == [MANIFEST]
    assert world.manifest()["picture"] == before["picture"]
    assert _versions(world) == versions
    assert len(world.topic.messages) == 2


def test_a_look_that_is_there_is_left_alone(world):
    """A duplicate of the message costs no download and no write."""
    world.reconcile()
    world.outputs.puts.clear()
    assert world.reconcile(looks=True).result == UNCHANGED
    assert (world.outputs.puts, world.sources.downloads) == ([], 1)


def test_the_notes_on_renditions_that_are_not_made_anew_stay(world):
    """Nothing is rendered that could tell of them again."""
    out = io.BytesIO()
    noise = Image.effect_noise((400, 300), 90)
    noise.putalpha(0)
    noise.save(out, "PNG")
    world.sources.objects["a.jpg"] = out.getvalue()
    world.reconcile()
    assert world.manifest()["notes"] == ["blank"]
    _age(world)
    assert world.reconcile(looks=True).result == READY
    assert world.manifest()["notes"] == ["blank"]


def test_a_look_that_cannot_be_had_costs_no_picture(world):
    """The function has less memory by now, say: what was rendered stays ready."""
    world.reconcile()
    _age(world)
    before = world.manifest()

    def too_large(*_):
        raise TooLarge("too large")

    world.render = too_large
    assert world.reconcile(looks=True).result == UNCHANGED
    assert (world.outputs.puts, world.manifest()) == ([], before)


def test_a_look_is_asked_for_of_what_is_gone_or_outdated(world):
    """The message is a hint like any other."""
    world.reconcile()
    world.sources.objects["a.jpg"] = jpeg(colour="blue")
    assert world.reconcile(looks=True).result == READY
    assert world.manifest()["picture"]["color"] == "#0000fe"
    del world.sources.objects["a.jpg"]
    assert world.reconcile(looks=True).result == REMOVED
    assert world.outputs.objects == {}


def test_a_later_generation_keeps_the_look(world):
    """Its worker claims the manifest with all that is in it, and that there is a look."""
    world.reconcile()
    before = world.manifest()["picture"]
    world.generation = 3
    assert world.reconcile(looks=True).result == UNCHANGED
    assert (world.manifest()["picture"], world.manifest()["generation"]) == (before, 3)
    assert world.outputs.objects[MANIFEST].head.metadata["look"] == "none"


def test_a_look_whose_message_was_not_taken_is_not_committed(world):
    """The next attempt makes it again, and publishes."""
    world.reconcile()
    _age(world)
    world.topic.failing = ServiceUnavailable("no topic")
    with pytest.raises(ServiceUnavailable):
        world.reconcile(looks=True)
    world.topic.failing = None
    assert world.reconcile(looks=True).result == READY
    assert "picture" in world.manifest()
