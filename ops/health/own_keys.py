"""The keys of a smoke test: below a prefix that the stack renders, ending in what the stack takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.contracts.recipes.by_prefix import Recipes
    from worker.contracts.recipes.specs import RenditionSpec


@dataclass(frozen=True)
class OwnKeys:
    """Keys that nobody else has.

    Attributes:
        prefix: Of all of them.
    """

    recipes: Recipes
    prefix: str

    def of(self, name: str) -> str:
        """Return the key of a picture; where only some suffixes are taken, it ends in one of them."""
        suffixes = self.recipes.suffixes
        return f"{self.prefix}{name}{'' if not suffixes or name.endswith(suffixes) else suffixes[0]}"

    def are_rendered(self, names: Iterable[str]) -> bool:
        """Whether renditions are made of all pictures with these names."""
        return all(self.specs_of(self.of(name)) for name in names)

    def specs_of(self, key: str) -> tuple[RenditionSpec, ...]:
        """Return the renditions that a key must have."""
        return self.recipes.of(key).specs


def own_keys(recipes: Recipes, wanted: str | None, folder: str, names: Iterable[str]) -> OwnKeys:
    """Return keys for pictures with these names: below `wanted`, or below `folder` in the first place that is rendered.

    Raises:
        Misuse: The stack ignores what was wanted, or everything.
    """
    names = tuple(names)
    places = sorted((prefix for prefix, specs in recipes.by_prefix.items() if specs), key=len)
    ours = [OwnKeys(recipes, f"{place}{folder}") for place in places]
    rendered = [keys for keys in ours if keys.are_rendered(names)]
    if not wanted:
        if not rendered:
            raise Misuse(
                "The stack ignores all keys that smoke may take: give a prefix renditions in recipes, and deploy."
            )
        return rendered[0]
    keys = OwnKeys(recipes, wanted)
    if not keys.are_rendered(names):
        elsewhere = f": take one that is rendered, such as {rendered[0].prefix}" if rendered else ""
        raise Misuse(f"The stack's configuration ignores keys that begin with {wanted}{elsewhere}.")
    return keys
