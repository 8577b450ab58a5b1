from __future__ import annotations

import io

import pytest
from PIL import Image, ImageColor

from tests.worker.images.pictures import factories
from tests.worker.reconcile.scene import World
from worker.contracts.recipes.focus import Focus
from worker.contracts.recipes.specs import RenditionSpec
from worker.reconcile.reconciler import READY, UNCHANGED

SQUARE = RenditionSpec("square", 30, 30, fit="cover", format="png")
WEB = RenditionSpec("web", 60, 60)


@pytest.fixture
def world() -> World:
    """Return a world with one picture that is red on the left and blue on the right, of which a square is made."""
    image = Image.new("RGB", (90, 30), "lime")
    image.paste("red", (0, 0, 30, 30))
    image.paste("blue", (60, 0, 90, 30))
    world = World(specs=(SQUARE, WEB))
    world.sources.objects["a.jpg"] = factories.encode(image, "PNG")
    return world


def shows(world: World) -> str:
    """Return the colour of the square."""
    with Image.open(io.BytesIO(world.outputs.objects["square/a.jpg.png"].data)) as square:
        ((_, found),) = square.convert("RGB").getcolors() or []
    return next(name for name in ("lime", "red", "blue") if ImageColor.getrgb(name) == found)


def test_an_original_s_own_focus_wins_over_the_recipe_s(world):
    """And the recipe's over the centre."""
    assert world.reconcile().result == READY
    assert shows(world) == "lime"
    world.specs = (RenditionSpec("square", 30, 30, fit="cover", format="png", focus=Focus.parse("0,0.5")), WEB)
    world.reconcile()
    assert shows(world) == "red"
    assert "focus" not in world.manifest()["source"]
    world.sources.foci["a.jpg"] = "1,0.5"
    world.reconcile()
    assert shows(world) == "blue"
    assert world.manifest()["source"]["focus"] == "1,0.5"


def test_a_copy_that_changes_only_the_focus_is_rendered_and_announced(world):
    """Its bytes and its ETag are those that there were; the same focus in other words changes nothing."""
    world.reconcile()
    world.sources.foci["a.jpg"] = "0,0.5"
    assert world.reconcile().result == READY
    assert shows(world) == "red"
    assert [each.source.focus for each in world.topic.messages] == [None, "0,0.5"]
    world.sources.foci["a.jpg"] = "0.0, .50"
    assert world.reconcile().result == UNCHANGED
    del world.sources.foci["a.jpg"]
    assert world.reconcile().result == READY
    assert shows(world) == "lime"


@pytest.mark.parametrize("focus", ["", "top", "2,0", "0.5"])
def test_a_focus_that_is_none_is_a_note(world, focus):
    """The crop is centred: no picture is rejected because of its trimmings."""
    world.sources.foci["a.jpg"] = focus
    assert world.reconcile().result == READY
    assert shows(world) == "lime"
    assert world.manifest()["notes"] == ["focus-ignored"]
    assert "focus" not in world.manifest()["source"]
    world.sources.foci["a.jpg"] = "0,0.5"
    world.reconcile()
    assert (shows(world), world.manifest()["notes"]) == ("red", [])


@pytest.mark.parametrize("focus", ["0,0.5", "nowhere"])
def test_where_nothing_is_cropped_a_focus_changes_nothing(world, focus):
    """Neither outputs nor their marks, nor the requests: a duplicate is still answered with 304."""
    world.specs = (WEB,)
    world.reconcile()
    before = dict(world.outputs.objects)
    world.sources.foci["a.jpg"] = focus
    world.sources.head = lambda _: pytest.fail("a request more")
    assert world.reconcile().result == UNCHANGED
    assert world.outputs.objects == before
    assert world.manifest()["notes"] == []


def test_outputs_of_a_former_version_of_the_worker_stay_current(world):
    """A picture without a focus has the marks that it had before there was one: an upgrade renders nothing."""
    world.reconcile()
    for stored in world.outputs.objects.values():
        assert set(stored.head.metadata) - {"width", "height", "renditions", "version", "look"} == {
            "source-etag",
            "recipe",
            "generation",
        }


def test_a_focus_that_changes_while_a_picture_is_rendered_is_not_lost(world):
    """The second HEAD sees it, although the ETag is the same."""

    def change(_: str) -> None:
        world.sources.foci["a.jpg"] = "1,0.5"

    world.outputs.before_put = change
    assert world.reconcile().result == READY
    assert shows(world) == "blue"
