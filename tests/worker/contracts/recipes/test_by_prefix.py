from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.recipes.by_prefix import Recipes, one_recipe, parse_recipes
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, RenditionSpec, SpecError

SMALL = (RenditionSpec("thumbnail", 96, 96),)
RECIPES = Recipes({"in/": DEFAULT_RENDITIONS, "in/avatars/": SMALL, "in/raw/": ()}, (".jpg", ".png"), 7)
PREFIXES = st.text("ab/", max_size=4)


def test_the_file_says_everything():
    """What is written is read again: generation, suffixes, and recipes by prefix, ignored ones too."""
    assert parse_recipes(RECIPES.to_json()) == RECIPES


@given(st.dictionaries(PREFIXES, st.sampled_from([DEFAULT_RENDITIONS, SMALL, ()])), st.text("ab/", max_size=6))
def test_the_longest_prefix_counts(by_prefix, key):
    """A key has the recipe of the longest prefix that it begins with, and none at all if it begins with none."""
    fitting = sorted((prefix for prefix in by_prefix if key.startswith(prefix)), key=len)
    assert Recipes(by_prefix).of(key).specs == (by_prefix[fitting[-1]] if fitting else ())


@pytest.mark.parametrize("key", ["in/a.gif", "out/a.jpg", "in/raw/a.jpg"])
def test_what_no_event_is_sent_for_is_ignored(key):
    """As is a folder that is left alone."""
    assert RECIPES.of(key).is_ignored


@pytest.mark.parametrize(
    "changed",
    [
        Recipes({"in/": DEFAULT_RENDITIONS, "in/avatars/": SMALL}, (".jpg", ".png")),
        Recipes({"in/": DEFAULT_RENDITIONS, "in/avatars/": SMALL, "in/raw/": SMALL}, (".jpg", ".png")),
        Recipes({"in/": SMALL, "in/avatars/": SMALL, "in/raw/": ()}, (".jpg", ".png")),
        Recipes(RECIPES.by_prefix, (".jpg",)),
    ],
)
def test_the_fingerprint_is_another_when_any_key_gets_something_else(changed):
    """So the parameter that holds it gets a new version: another generation."""
    assert changed.fingerprint != RECIPES.fingerprint


def test_the_fingerprint_knows_no_generation():
    """Or each deployment would change it, and so make another generation."""
    assert Recipes(RECIPES.by_prefix, RECIPES.suffixes, 8).fingerprint == RECIPES.fingerprint
    assert one_recipe(SMALL).fingerprint == Recipes({"": SMALL}).fingerprint


@pytest.mark.parametrize(
    "text",
    ["", "[", "[]", "{}", '{"generation": "1", "suffixes": [], "recipes": {}}',
     json.dumps({"generation": 1, "suffixes": [], "recipes": {"a/": [{"name": "x"}]}})],
)  # fmt: skip
def test_what_the_program_does_not_write_is_refused(text):
    """With a sentence, not with whatever exception comes first."""
    with pytest.raises(SpecError):
        parse_recipes(text)
