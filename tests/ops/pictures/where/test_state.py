from __future__ import annotations

import pytest

from ops.pictures.where.attempt import NotSeen
from ops.pictures.where.state import PictureState
from ops.stack.picture import RenditionState
from tests.ops.dead_letters.test_verdict import CROPPED, RECIPE, RECIPES, ready, source
from worker.contracts.recipes.by_prefix import Recipe


def picture(*renditions, waiting=0):
    """Return a picture whose manifest says that it is ready."""
    return PictureState("a.jpg", RECIPES.of("a.jpg"), source(), ready(), renditions, (), waiting)


CURRENT = RenditionState("thumbnail", "thumbnail/a.jpg.webp", 10, "e1", RECIPE)
MISSING = RenditionState("web", "web/a.jpg.webp", None, None, None)
OF_ANOTHER = RenditionState("web", "web/a.jpg.webp", 10, "e0", RECIPE)


@pytest.mark.parametrize("wrong", [MISSING, OF_ANOTHER])
def test_a_picture_without_one_of_its_renditions_is_not_ready(wrong):
    """The manifest says so, and somebody deleted or replaced a file behind it: it was called ready, with nothing to do."""
    assert picture(CURRENT, wrong).state == "lost"
    assert not picture(CURRENT, wrong).is_fine
    assert picture(CURRENT, wrong, waiting=1).state == "queued"


def test_a_picture_with_all_of_them_is():
    """Whatever waits in the queue is about others."""
    assert picture(CURRENT, waiting=7).state == "ready"


@pytest.mark.parametrize(("made", "state"), [("0,1", "ready"), ("", "outdated")])
def test_a_picture_is_ready_only_by_the_focus_that_it_has_now(made, state):
    """A copy in place has changed nothing else: manifest and renditions say by which focus they were made."""
    recipe = Recipe(CROPPED)
    square = RenditionState("square", "square/a.jpg.webp", 10, "e1", recipe.fingerprint, made)
    manifest = ready("e1", recipe.fingerprint, focus=made)
    there = PictureState("a.jpg", recipe, source(focus="0,1"), manifest, (square,), (), 0)
    assert there.state == state
    lines = there.lines("")
    assert lines[0].endswith("ETag e1, version v, focus 0,1")
    assert lines[1].endswith(", by another focus") == (state == "outdated")
    assert (", outdated," in lines[2].replace("  outdated,", ", outdated,")) == (state == "outdated")


def test_the_last_attempt_is_told_where_somebody_looked():
    """For people and for programs; without a look there is no line."""
    looked = PictureState("a.jpg", RECIPES.of("a.jpg"), source(), None, (), (), 1, NotSeen("none in the worker's log"))
    assert "last attempt  none in the worker's log" in looked.lines("")
    assert looked.to_json("")["last_attempt"] == {"not_seen": "none in the worker's log"}
    assert not [line for line in picture(CURRENT).lines("") if line.startswith("last attempt")]
    assert picture(CURRENT).to_json("")["last_attempt"] is None
