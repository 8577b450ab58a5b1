from __future__ import annotations

from dataclasses import replace

import pytest

from ops.pictures.recipe.change import Grouping
from tests.ops.pictures.recipe.plans import BETTER, SMALL, WEB, change, listed
from worker.contracts.recipes.by_prefix import Recipes
from worker.contracts.recipes.specs import focused


@pytest.mark.parametrize(
    ("before", "after", "sentences", "goes"),
    [
        ((WEB,), (BETTER,), ["web: quality 80 to 90"], []),
        ((WEB,), (WEB, SMALL), ["small: new"], []),
        ((WEB, SMALL), (WEB,), ["small: no longer made"], ["small"]),
        (
            (WEB,),
            (replace(WEB, format="jpeg", animated=True),),
            ["web: format webp to jpeg, animated false to true"],
            ["web"],
        ),
        ((SMALL,), focused((SMALL,), "0.5,0.2"), ["small: focus the centre to 0.5,0.2"], []),
        ((WEB, SMALL), (), ["left alone: web, small deleted"], ["web", "small"]),
        ((), (WEB,), ["web: new"], []),
        ((WEB,), (WEB,), [], []),
    ],
)
def test_a_change_is_said_in_the_words_of_the_configuration(before, after, sentences, goes):
    """Field by field; another format is another output, so the former one is deleted."""
    found = change(before, after)
    assert (found.sentences(), found.goes) == (sentences, goes)
    assert found.is_one == bool(sentences)


def test_pictures_are_grouped_by_both_of_their_prefixes():
    """A folder that gets a recipe of its own is a group of its own; a key that no event is sent for any more is one, too."""
    grouping = Grouping(Recipes({"": (WEB,)}), Recipes({"": (WEB,), "a/": (SMALL,)}, (".jpg",)), {})
    for key in ("x.jpg", "a/x.jpg", "a/b/y.jpg", "x.png"):
        grouping.of(key).add(listed(key))
    found = [
        (group.change.prefix, group.pictures, group.change.is_one, group.change.goes) for group in grouping.sorted()
    ]
    assert sorted(found) == [("", 1, False, []), ("", 1, True, ["web"]), ("a/", 2, True, ["web"])]


def test_what_is_archived_is_not_rendered_and_what_is_read_for_money_is_weighed():
    """A GET from Instant Retrieval has its price; the other classes need a restore first."""
    grouping = Grouping(Recipes({"": (WEB,)}), Recipes({"": (BETTER,)}), {})
    for storage_class in ("STANDARD", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR"):
        grouping.of("a.jpg").add(listed(size=7, storage_class=storage_class))
    [group] = grouping.sorted()
    assert (group.pictures, group.archived, group.rendered, group.retrieved) == (4, 2, 2, 7)
