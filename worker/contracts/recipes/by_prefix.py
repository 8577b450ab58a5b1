"""Which recipe is for which key, and the generation of them all. Pure; `infra` writes the JSON form, the worker and `ops` read it.

A generation is a number that every deployment which changes a recipe makes larger. An output remembers that of its writer,
and no worker replaces, deletes or calls outdated what a later generation has made: it leaves the key to a worker of that one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os.path import commonprefix
from typing import Any, Final

from worker.contracts.recipes.specs import RenditionSpec, SpecError, parse_renditions, recipe_of

_KEYS: Final = {"generation", "suffixes", "recipes"}


@dataclass(frozen=True)
class Recipe:
    """What to make of the pictures below one prefix.

    Attributes:
        specs: The renditions; none where the pictures are ignored.
        generation: Of the deployment.
    """

    specs: tuple[RenditionSpec, ...]
    generation: int = 0

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that change when the specs or the renderer change."""
        return recipe_of(self.specs)

    @property
    def crops(self) -> bool:
        """Whether a rendition depends on the focus."""
        return any(spec.crops for spec in self.specs)

    def counted(self, focus: str) -> str:
        """Return what of the mark of an original's focus its outputs depend on: nothing where nothing is cropped."""
        return focus if self.crops else ""

    @property
    def is_ignored(self) -> bool:
        """Whether nothing is made of these pictures."""
        return not self.specs


@dataclass(frozen=True)
class Recipes:
    """The recipes of one deployment.

    Attributes:
        by_prefix: The renditions of the keys that begin with a prefix, the longest that fits; none: these keys are ignored. Keys that
            begin with no prefix are ignored.
        suffixes: What keys end in that are not ignored; none: whatever they end in.
        generation: Of the deployment.
    """

    by_prefix: Mapping[str, tuple[RenditionSpec, ...]]
    suffixes: tuple[str, ...] = ()
    generation: int = 0
    _recipes: dict[str | None, Recipe] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Make each recipe once."""
        by_length = sorted(self.by_prefix, key=len, reverse=True)
        recipes: dict[str | None, Recipe] = {each: Recipe(self.by_prefix[each], self.generation) for each in by_length}
        object.__setattr__(self, "_recipes", {**recipes, None: Recipe((), self.generation)})

    def of(self, key: str) -> Recipe:
        """Return the recipe for a source key."""
        return self._recipes[self.prefix_of(key)]

    def prefix_of(self, key: str) -> str | None:
        """Return the prefix whose recipe a source key has; None for one that no event is sent for."""
        if self.suffixes and not key.endswith(self.suffixes):
            return None
        return next((prefix for prefix in self._recipes if prefix is not None and key.startswith(prefix)), None)

    @property
    def scope(self) -> str:
        """What all keys begin with that have a recipe."""
        return commonprefix(list(self.by_prefix))  # noqa: RUF071 - keys are texts, not paths

    @property
    def all(self) -> tuple[Recipe, ...]:
        """Every recipe, each once."""
        return tuple(dict.fromkeys(self._recipes.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """Every rendition's name, each once."""
        return tuple(dict.fromkeys(spec.name for recipe in self.all for spec in recipe.specs))

    @property
    def fingerprint(self) -> str:
        """What changes when any recipe does, or which keys have which."""
        by_prefix = sorted((prefix, recipe_of(specs)) for prefix, specs in self.by_prefix.items())
        canonical = json.dumps([by_prefix, sorted(self.suffixes)])
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> str:
        """Return the text of the file, the inverse of `parse_recipes`."""
        recipes = {prefix: [spec.to_json() for spec in specs] or False for prefix, specs in self.by_prefix.items()}
        document = {"generation": self.generation, "suffixes": list(self.suffixes), "recipes": recipes}
        return json.dumps(document, separators=(",", ":"))


def one_recipe(specs: Sequence[RenditionSpec]) -> Recipes:
    """Return recipes that make the same of every picture."""
    return Recipes({"": tuple(specs)})


def parse_recipes(text: str) -> Recipes:
    """Build the recipes from the text of their file.

    Raises:
        SpecError: It is not what the Pulumi program writes.
    """
    try:
        document = json.loads(text)
    except ValueError as exc:
        raise SpecError(f"not JSON: {exc}") from None
    if not isinstance(document, Mapping) or not set(document) >= _KEYS:
        raise SpecError(f"recipes are an object with {', '.join(sorted(_KEYS))}")
    generation, suffixes, recipes = document["generation"], document["suffixes"], document["recipes"]
    if not isinstance(generation, int) or not isinstance(suffixes, list) or not isinstance(recipes, Mapping):
        raise SpecError("generation is a number, suffixes a list, recipes an object by prefix")
    return Recipes({prefix: _specs(prefix, each) for prefix, each in recipes.items()}, tuple(suffixes), generation)


def _specs(prefix: str, document: Any) -> tuple[RenditionSpec, ...]:
    try:
        return () if document is False else parse_renditions(document)
    except SpecError as exc:
        raise SpecError(f"recipes.{prefix or '(all)'}: {exc}") from None
