from __future__ import annotations

from unittest.mock import MagicMock

import pytest

from ops.pictures.where import PictureState, advise
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


@pytest.fixture
def session():
    """Return a session that only names commands."""
    session = MagicMock()
    session.command.side_effect = lambda *words: " ".join(words)
    return session


def test_outputs_without_a_source_are_left_to_an_audit(session):
    """A backfill goes by the source bucket: it enqueued nothing, and the picture stayed lost."""
    orphan = PictureState("a.jpg", RECIPES.of("a.jpg"), None, ready(), (CURRENT,), (), 0)
    assert (orphan.state, advise(orphan, session)) == ("lost", "audit --settled-after 0 --prefix a.jpg")
    half = picture(CURRENT, MISSING)
    assert advise(half, session) == "backfill --prefix a.jpg"
