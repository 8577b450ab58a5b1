"""The actions and pictures of a run."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chaos.dashboard.drawing import draw
from chaos.dashboard.reading import Graph, Row, Series
from chaos.faults.requests import Faults
from chaos.pictures.poison import DEADLY, POISON
from chaos.pictures.versions import FORMATS, VERSIONS, version_of
from chaos.plan import Delete, Deploy, PlanError, Repeat, Upload, plan
from chaos.stack.recipes import BEGINNING, CHANGES
from worker.contracts.errors import Reject
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS
from worker.images import render

MEMORY = 512 * 2**20


def test_a_seed_reproduces_the_plan():
    """Down to the bytes of every file."""
    first, second = plan(7, 300, 60), plan(7, 300, 60)
    assert first.actions == second.actions
    uploads = [action for action in first.actions if isinstance(action, Upload)]
    assert all(upload.data() == upload.data() for upload in uploads)
    assert plan(8, 300, 60).actions != first.actions


def test_a_plan_has_everything_that_it_should():
    """As many pictures and keys as were asked for, overwrites, deletions, repeated events, 2 % poison of every kind."""
    made = plan(7, 2000, 500)
    uploads = [action for action in made.actions if isinstance(action, Upload)]
    assert (len(uploads), len({upload.key for upload in uploads}), len(made.last)) == (2000, 500, 500)
    assert [upload.poison is not None for upload in uploads].count(True) == 40
    assert {upload.poison for upload in uploads} - {None} == set(POISON)
    assert made.count(Delete) > 100
    assert made.count(Repeat) > 300
    assert len({upload.version for upload in uploads}) == 2000


def test_recipes_are_deployed_in_the_middle_of_everything():
    """Six times, in order, with as much before the first and after the last; the uploads are those of a plan without."""
    made, without = plan(7, 300, 60), plan(7, 300, 60, changes=0)
    places = [place for place, action in enumerate(made.actions) if isinstance(action, Deploy)]
    assert tuple(action.recipes for action in made.actions if isinstance(action, Deploy)) == CHANGES
    parts = [after - before - 1 for before, after in pairwise((-1, *places, len(made.actions)))]
    assert max(parts) - min(parts) <= 1
    assert tuple(action for action in made.actions if not isinstance(action, Deploy)) == without.actions
    assert (made.recipes, without.recipes) == (CHANGES[-1], BEGINNING)
    assert plan(7, 300, 60, changes=2).count(Deploy) == 2


def test_each_change_of_the_recipes_is_one():
    """And in the end some keys have the stack's recipe, some one of their own, and some none."""
    assert all(before.fingerprint != after.fingerprint for before, after in pairwise((BEGINNING, *CHANGES)))
    made = plan(7, 300, 60)
    prefixes = {made.recipes.prefix_of(key) for key in made.last}
    assert prefixes == set(made.recipes.by_prefix) == {"", "cats/", "deep/"}
    assert made.recipes.of("deep/er/1.gif").is_ignored


def test_a_deadly_picture_has_its_key_to_itself():
    """Replaced before it is decoded, it would do no harm."""
    made = plan(7, 300, 60)
    for kind in DEADLY:
        (key,) = [a.key for a in made.actions if isinstance(a, Upload) and a.poison == kind]
        assert sum(getattr(action, "key", None) == key for action in made.actions) == 1


@pytest.mark.parametrize(("pictures", "keys"), [(10, 20), (VERSIONS + 1, 500), (2, 2)])
def test_numbers_that_make_no_plan_are_refused(pictures, keys):
    """With what would do."""
    with pytest.raises(PlanError, match=f"{pictures} pictures over {keys} keys: take 3 keys or more"):
        plan(7, pictures, keys)


@pytest.mark.parametrize("version", [*range(len(FORMATS)), 1234, VERSIONS - 1])
def test_a_rendition_shows_its_version(version):
    """By its colour, after a lossy source and a lossy rendition."""
    data = Upload("key", version).data()
    for rendition in render(data, DEFAULT_RENDITIONS, wanted=("thumbnail", "web"), memory_bytes=MEMORY).renditions:
        assert version_of(rendition.data) == version


@pytest.mark.parametrize("kind", sorted(set(POISON) - set(DEADLY)))
def test_poison_is_rejected_with_the_reason_that_it_is_called_by(kind):
    """So that a dead letter of another reason is one too many."""
    with pytest.raises(Reject) as caught:
        render(Upload("key", 5, kind).data(), DEFAULT_RENDITIONS, wanted=("web",), memory_bytes=MEMORY)
    assert caught.value.reason == kind


def test_a_twentieth_of_the_requests_goes_wrong():
    """Some of them at every attempt, most only at the first."""
    faults = Faults(7)
    first = {str(number): faults.of(str(number)) for number in range(5000)}
    again = [faults.of(number) for number, fault in first.items() if fault]
    assert 200 < len(again) < 300
    assert 5 < sum(fault is not None for fault in again) < 60


def test_a_series_without_points_is_drawn_as_such():
    """An empty graph says so, and one point is a dot."""
    svg = draw([Row("Why?", (Graph("None", (Series("a", {}),)), Graph("One", (Series("b", {1.0: 2500.0}),))))], "<T>")
    assert "no data" in svg
    assert "<circle" in svg
    assert "&lt;T&gt;" in svg
