from __future__ import annotations

from collections import Counter

import pytest

from ops.pictures.recipe.change import Change
from ops.pictures.recipe.plan import survey
from ops.pictures.recipe.sample import Sample
from tests.ops.pictures.backfill.test_backfill import pictures
from tests.ops.pictures.recipe.plans import BETTER, SMALL, WEB, change, listed
from tests.ops.support.memory import traced_peak
from worker.contracts.recipes.by_prefix import Recipe, Recipes

MEGABYTE = 2**20


def test_a_sample_is_spread_over_prefixes_formats_and_sizes():
    """A thousand small JPEGs leave room for the one PNG, the one large picture and the one folder."""
    folder = Change("a/", Recipe((WEB,)), Recipe((BETTER,)))
    sample = Sample(6)
    for number in range(1000):
        sample.offer(listed(f"{number}.jpg"), change())
    sample.offer(listed("large.jpeg", 5 * MEGABYTE), change())
    sample.offer(listed("graph.PNG"), change())
    sample.offer(listed("a/x.jpg"), folder)
    sample.offer(listed("strange"), change())
    keys = {sampled.listed.key for sampled in sample.chosen()}
    assert len(keys) == 6
    assert {"large.jpeg", "graph.PNG", "a/x.jpg", "strange"} <= keys


def test_each_picture_of_the_sample_stands_for_those_like_it():
    """All weights together are all pictures; a rare one stands for itself."""
    sample = Sample(5)
    for number in range(100):
        sample.offer(listed(f"{number}.jpg"), change())
    sample.offer(listed("graph.png"), change())
    weights = {sampled.listed.key: sampled.weight for sampled in sample.chosen()}
    assert weights.pop("graph.png") == 1
    assert set(weights.values()) == {25}


def test_every_picture_has_the_same_chance():
    """Whether it is listed first or last: of 400 draws of 2 out of 10, none is far from 80."""
    drawn: Counter[str] = Counter()
    for draw in range(400):
        sample = Sample(2)
        sample._random.seed(draw)
        for number in range(10):
            sample.offer(listed(f"{number}.jpg"), change())
        drawn.update(sampled.listed.key for sampled in sample.chosen())
    assert all(50 < drawn[f"{number}.jpg"] < 110 for number in range(10)), drawn


def test_the_same_listing_gives_the_same_sample():
    """Two plans of one bucket can be compared."""
    found = []
    for _ in range(2):
        sample = Sample(4)
        for number in range(200):
            sample.offer(listed(f"{number}.jpg"), change())
        found.append([sampled.listed.key for sampled in sample.chosen()])
    assert found[0] == found[1]


@pytest.mark.soak
def test_memory_does_not_grow_with_the_number_of_pictures():
    """Six times as many keys cost the same: what is listed of each, if it was kept, would be megabytes."""

    def peak(count: int) -> int:
        def look() -> None:
            found = survey(pictures(count), Recipes({"": (WEB,)}), Recipes({"": (BETTER,)}), 20, lambda _count: None)
            assert (found.pictures, found.outdated, len(found.sample)) == (count, count, 20)

        return traced_peak(look)

    peak(1_000)
    # Kept, 10,000 pictures more would be 2,000,000 bytes in each of the three; what else runs in the process makes noise in some.
    assert min(peak(12_000) for _ in range(3)) < peak(2_000) + 400_000


def test_a_folder_that_has_no_pictures_yet_is_among_the_changes():
    """Its rule is seen before the first upload; nothing is deleted of what is not there."""
    found = survey(
        pictures(2), Recipes({"": (WEB,), "old/": (SMALL,)}), Recipes({"": (WEB,), "new/": ()}), 5, lambda _: None
    )
    assert {group.change.prefix: group.pictures for group in found.changed} == {"new/": 0, "old/": 0}
    assert (found.outdated, found.goes) == (0, {})
