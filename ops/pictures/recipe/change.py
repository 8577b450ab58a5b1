"""What a change of the recipes means for the keys of one prefix, and how many pictures it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.contracts.recipes.specs import FIELDS

if TYPE_CHECKING:
    from ops.stack.picture import Listed
    from worker.contracts.recipes.by_prefix import Recipe, Recipes
    from worker.contracts.recipes.specs import RenditionSpec

_INSTANT = "GLACIER_IR"


@dataclass(frozen=True)
class Change:
    """The recipe of some keys as it is deployed, and as it would be; `prefix` is the longest that they have in either."""

    prefix: str
    before: Recipe
    after: Recipe

    @property
    def is_one(self) -> bool:
        """Whether anything would be made anew or deleted."""
        return self.before.fingerprint != self.after.fingerprint

    @property
    def goes(self) -> list[str]:
        """Names of the renditions whose outputs would be deleted, one a picture; another format is another output."""
        kept = {(spec.name, spec.format) for spec in self.after.specs}
        return [spec.name for spec in self.before.specs if (spec.name, spec.format) not in kept]

    @property
    def names(self) -> list[str]:
        """Every rendition, of before or after, each once."""
        return list(dict.fromkeys(spec.name for spec in (*self.before.specs, *self.after.specs)))

    def sentences(self) -> list[str]:
        """Return a sentence for each rendition that changes."""
        if self.after.is_ignored:
            return [f"left alone: {', '.join(self.goes)} deleted"]
        before, after = _by_name(self.before), _by_name(self.after)
        return [text for name in self.names if (text := _sentence(name, before.get(name), after.get(name)))]


def _by_name(recipe: Recipe) -> dict[str, RenditionSpec]:
    return {spec.name: spec for spec in recipe.specs}


def _sentence(name: str, before: RenditionSpec | None, after: RenditionSpec | None) -> str | None:
    if after is None:
        return f"{name}: no longer made"
    if before is None:
        return f"{name}: new"
    changes = (
        f"{key} {_shown(getattr(before, field))} to {_shown(getattr(after, field))}"
        for key, field in FIELDS.items()
        if getattr(before, field) != getattr(after, field)
    )
    text = ", ".join(changes)
    return f"{name}: {text}" if text else None


def _shown(value: Any) -> str:
    if value is None:
        return "the centre"  # Only a focus may be left out.
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class Group:
    """Pictures that have the same two recipes.

    Attributes:
        archived: Those that have to be restored before they can be rendered.
        retrieved: Bytes that are read from Instant Retrieval.
    """

    change: Change
    pictures: int = 0
    archived: int = 0
    retrieved: int = 0

    def add(self, listed: Listed) -> None:
        """Count one."""
        self.pictures += 1
        self.archived += listed.is_archived
        self.retrieved += listed.size if listed.storage_class == _INSTANT else 0

    @property
    def rendered(self) -> int:
        """Pictures that a backfill would render."""
        return 0 if not self.change.is_one or self.change.after.is_ignored else self.pictures - self.archived


@dataclass(frozen=True)
class Grouping:
    """Groups by the two prefixes of a key: no more than there are pairs of recipes, however many keys."""

    before: Recipes
    after: Recipes
    groups: dict[tuple[str | None, str | None], Group]

    def of(self, key: str) -> Group:
        """Return the group of a key."""
        prefixes = (self.before.prefix_of(key), self.after.prefix_of(key))
        if prefixes not in self.groups:
            longest = max((prefix or "" for prefix in prefixes), key=len)
            self.groups[prefixes] = Group(Change(longest, self.before.of(key), self.after.of(key)))
        return self.groups[prefixes]

    def sorted(self) -> list[Group]:
        """Return the groups by their prefix."""
        return sorted(self.groups.values(), key=lambda group: group.change.prefix)
