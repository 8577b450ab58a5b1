from __future__ import annotations

import json

import pytest

from worker.contracts.recipes.specs import (
    DEFAULT_RENDITIONS,
    RenditionSpec,
    SpecError,
    dump_renditions,
    focused,
    parse_renditions,
    recipe_of,
)

SMALL = {"name": "small", "width": 10, "height": 10}


def test_renditions_survive_their_json_form():
    """What infra writes into the zip is what the worker reads."""
    assert parse_renditions(json.loads(dump_renditions(DEFAULT_RENDITIONS))) == DEFAULT_RENDITIONS


def test_whole_floats_are_integers():
    """Pulumi hands numbers over as floats."""
    assert parse_renditions([{**SMALL, "width": 10.0}])[0].width == 10


def test_the_recipe_changes_with_every_field_and_not_with_the_order():
    """Any change of a spec is a change of the recipe; a mere reordering is none."""
    a, b = RenditionSpec("a", 1, 1), RenditionSpec("b", 1, 1)
    assert recipe_of([a, b]) == recipe_of([b, a])
    others = [RenditionSpec("a", 2, 1), RenditionSpec("a", 1, 1, quality=81), RenditionSpec("a", 1, 1, fit="cover")]
    assert len({recipe_of([spec]) for spec in [a, *others]}) == 4


def test_a_recipe_without_a_focus_is_what_it_was_before_there_was_one():
    """Nobody's pictures are outdated by an upgrade: these fingerprints were taken before it."""
    assert recipe_of(DEFAULT_RENDITIONS) == "a2f123ecba41ca75"
    assert recipe_of([RenditionSpec("square", 96, 96, fit="cover", format="jpeg", quality=70)]) == "5d27e125639ddc47"


def test_a_focus_is_a_part_of_the_recipe():
    """It survives the JSON form, and changes the fingerprint; however it is written, it is the same."""
    (spec,) = parse_renditions([{**SMALL, "fit": "cover", "focus": "0.50,0.2"}])
    assert parse_renditions(json.loads(dump_renditions([spec]))) == (spec,)
    assert spec.to_json()["focus"] == "0.5,0.2"
    assert (
        recipe_of([spec])
        != recipe_of(focused([spec], "0.5,0.3"))
        != recipe_of([RenditionSpec("small", 10, 10, fit="cover")])
    )


def test_an_original_s_own_focus_wins_where_something_is_cropped():
    """One that has none, or none that can be used, leaves the recipe's."""
    specs = parse_renditions([{**SMALL, "fit": "cover", "focus": "0.5,0.2"}, {**SMALL, "name": "whole"}])
    assert [each.focus and str(each.focus) for each in focused(specs, "0.1,0.9")] == ["0.1,0.9", None]
    assert focused(specs, "") == focused(specs, "ignored") == specs


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({}, "list of at least one"),
        ([], "list of at least one"),
        ("x", "list of at least one"),
        (["x"], "an object with a name"),
        ([{**SMALL, "colour": 1}], r"renditions\[0\]: unknown key 'colour'"),
        ([{"name": "a", "width": 1}], r"renditions\[0\]: height is missing"),
        ([SMALL, SMALL], r"renditions\[1\]: two are named 'small'"),
        ([{**SMALL, "name": "manifest"}], "not manifest"),
        ([{**SMALL, "name": "A"}], "name is 'A'"),
        ([{**SMALL, "name": 7}], "a string"),
        ([{**SMALL, "width": 0}], "width is 0; it takes 1 to 16383"),
        ([{**SMALL, "width": True}], "width is True"),
        ([{**SMALL, "width": 1.5}], "width is 1.5"),
        ([{**SMALL, "fit": "fill"}], "inside or cover"),
        ([{**SMALL, "format": "gif"}], "webp, avif, jpeg, png"),
        ([{**SMALL, "quality": 101}], "1 to 100"),
        ([{**SMALL, "effort": 7}], "0 to 6"),
        ([{**SMALL, "background": "white"}], "#rrggbb"),
        ([{**SMALL, "animated": "yes"}], "true or false"),
        ([{**SMALL, "keepCopyright": 1}], "keepCopyright is 1"),
        ([{**SMALL, "fit": "cover", "focus": "top"}], "focus is 'top'; it takes two decimal numbers from 0 to 1"),
        ([{**SMALL, "fit": "cover", "focus": 0.5}], "focus is 0.5; it takes a string"),
        ([{**SMALL, "focus": "0.5,0.2"}], "focus is '0.5,0.2'; it takes nothing unless fit is cover"),
    ],
)
def test_wrong_renditions_are_refused_with_what_would_do(document, says):
    """The message names the field, the value and what it takes."""
    with pytest.raises(SpecError, match=says):
        parse_renditions(document)
