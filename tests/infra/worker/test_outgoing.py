from __future__ import annotations

import asyncio
import inspect
import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.rpc import unwrap_rpc_secret

from infra.worker import outgoing
from infra.worker.outgoing import MOST, value_of, warn
from tests.infra.recording import record
from worker.contracts.recipes.by_prefix import Recipes
from worker.contracts.recipes.specs import RenditionSpec

WEB = RenditionSpec("web", 1600, 1600)
SMALL = RenditionSpec("small", 96, 96)
JPEG = RenditionSpec("web", 1600, 1600, format="jpeg")
BETTER = RenditionSpec("web", 1600, 1600, quality=90)


def gone_by(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """Return what goes when these recipes follow on those."""
    return outgoing.outgoing(value_of(Recipes(before)), value_of(Recipes(after)))


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ({"": (WEB, SMALL)}, {"": (WEB,)}, {"": ["small.webp"]}),
        ({"": (WEB,)}, {"": (JPEG,)}, {"": ["web.webp"]}),
        ({"": (WEB,)}, {"": (WEB,), "raw/": ()}, {"raw/": ["web.webp"]}),
        ({"": (WEB,), "a/": (SMALL,)}, {"": (WEB,)}, {"a/": ["small.webp"]}),
        (
            {"": (WEB,), "a/": (WEB, SMALL)},
            {"": (WEB,), "a/b/": ()},
            {"a/": ["small.webp"], "a/b/": ["web.webp", "small.webp"]},
        ),
        ({"": (WEB,)}, {"photos/": (WEB,)}, {"": ["web.webp"]}),
        ({"": (WEB,)}, {"": (BETTER, SMALL)}, {}),
    ],
)
def test_it_is_known_what_is_no_longer_made_and_below_which_prefix(before, after, gone):
    """Another format is another output; a folder that is left alone loses all, one without a recipe of its own has the next one's."""
    assert gone_by(before, after) == gone


def test_the_value_changes_with_whatever_changes_a_recipe():
    """Its version is the generation: the same recipes give the same value, a quality alone gives another."""
    values = [value_of(Recipes({"": (spec,)})) for spec in (WEB, WEB, BETTER)]
    assert values[0] == values[1] != values[2]


def test_a_value_without_room_for_the_outputs_says_nothing_of_them():
    """Many folders of long names: the fingerprint stays, and nobody is warned."""
    many = {f"{number:0500}/": (WEB,) for number in range(20)}
    value = value_of(Recipes(many))
    assert len(value) <= MOST
    assert outgoing.outgoing(value, value_of(Recipes({"": (WEB,)}))) == {}


@pytest.mark.parametrize("value", ["", "0a1b", "[]", "null", '{"outputs": 1}', "None"])
def test_what_another_program_wrote_says_nothing(value):
    """Such as the fingerprint alone, of an earlier version: nothing is said, and nothing fails."""
    assert outgoing.outgoing(value, value_of(Recipes({"": (WEB,)}))) == {}


def said(monkeypatch, old: Any, new: Any) -> list[tuple[str, str]]:
    """Run the hook as the engine would, and return what it logs."""
    logged: list[tuple[str, str]] = []
    for level in ("warn", "info"):
        monkeypatch.setattr(pulumi, level, lambda text, level=level: logged.append((level, text)))

    async def counted(output: str, prefix: str) -> str:
        return f" ({len(output + prefix)})"

    async def call() -> None:
        inputs = [value and {"value": pulumi.Output.secret(value)} for value in (old, new)]
        changed = pulumi.ResourceHookArgs("urn", "id", "name", "type", new_inputs=inputs[1], old_inputs=inputs[0])
        await warn(changed, "python -m ops --stack dev", counted)

    asyncio.run(call())
    return logged


def test_pulumi_up_warns_of_what_goes_and_names_the_command_that_counts_it(monkeypatch):
    """Each prefix on a line; the engine hands over the values as secrets."""
    [(level, text)] = said(monkeypatch, value_of(Recipes({"": (WEB, SMALL)})), value_of(Recipes({"": (WEB,)})))
    assert level == "warn"
    assert "\n  all other pictures: small.webp (10)\n" in text
    assert text.endswith("python -m ops --stack dev recipe plan")


@pytest.mark.parametrize("old", [None, "an older program's", value_of(Recipes({"": (BETTER,)}))])
def test_a_change_that_takes_nothing_away_is_no_warning(monkeypatch, old):
    """It is said that the recipes change, whatever is known of the former ones."""
    assert [level for level, _ in said(monkeypatch, old, value_of(Recipes({"": (WEB,)})))] == ["info"]


def test_the_parameter_of_the_recipes_has_the_hook_and_a_value_that_says_what_they_make():
    """Its former value is what the engine hands over at the next deployment."""
    parameter = record(recipes={"raw/": False}).one("ssm/parameter:Parameter", "worker-recipes")
    assert parameter.before_update == ("images-dev-worker-recipes-outgoing",)
    assert json.loads(unwrap_rpc_secret(parameter.inputs["value"]))["outputs"] == {
        "": ["thumbnail.webp", "web.webp"],
        "raw/": [],
    }


class Listing:
    """The provider's listing of a bucket with so many keys, or of one that cannot be listed; takes what the provider's own takes."""

    def __init__(self, number: int | None) -> None:
        self.number, self.signature = number, inspect.signature(aws.s3.get_objects_output)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, **arguments: Any) -> Listing:
        self.signature.bind(**arguments)
        self.asked.append((arguments["bucket"], arguments["prefix"]))
        self.most = arguments["max_keys"]
        return self

    @property
    def keys(self) -> Listing:
        return self

    async def future(self) -> list[str]:
        if self.number is None:
            raise PermissionError("s3:ListBucket")
        return ["key"] * min(self.number, self.most)


@pytest.mark.parametrize(
    ("number", "said"), [(0, " (0)"), (12, " (12)"), (1000, " (1,000 or more)"), (5000, " (1,000 or more)"), (None, "")]
)
def test_outputs_are_counted_as_far_as_one_listing_says(monkeypatch, number, said):
    """Below the rendition's and the folder's prefix; a bucket that cannot be listed fails no deployment."""
    listing = Listing(number)
    monkeypatch.setattr(aws.s3, "get_objects_output", listing)
    monkeypatch.setattr(pulumi, "debug", lambda _text: None)
    bucket: Any = "outputs"
    parent: Any = None
    assert asyncio.run(outgoing._counted(bucket, "web.webp", "cats/", parent)) == said
    assert listing.asked == [("outputs", "web/cats/")]
