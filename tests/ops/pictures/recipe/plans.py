"""Recipes, listings and trials, made up for the tests of the plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ops.pictures.recipe.change import Change
from ops.pictures.recipe.sample import Sampled
from ops.pictures.recipe.trial import Side, Trial
from ops.pictures.recipe.working_tree import WorkingTree
from ops.stack.picture import Listed
from ops.stack.worker_here import Made, Rendering
from worker.contracts.recipes.by_prefix import Recipe, Recipes
from worker.contracts.recipes.specs import RenditionSpec

if TYPE_CHECKING:
    from pathlib import Path

WEB = RenditionSpec("web", 1600, 1600)
BETTER = RenditionSpec("web", 1600, 1600, quality=90)
SMALL = RenditionSpec("small", 96, 96, fit="cover")


def listed(key: str = "a.jpg", size: int = 1000, storage_class: str = "STANDARD") -> Listed:
    """Return an original as the bucket lists it."""
    return Listed(key, "etag", storage_class, size, datetime(2026, 1, 1, tzinfo=UTC))


def change(before: tuple[RenditionSpec, ...] = (WEB,), after: tuple[RenditionSpec, ...] = (BETTER,)) -> Change:
    """Return a change of what is made of all pictures."""
    return Change("", Recipe(before), Recipe(after))


def tree(recipes: Recipes | None = None, **others: int) -> WorkingTree:
    """Return a working tree with the defaults."""
    limits = {"memory": 512, "timeout": 90, "batch_size": 10, "backfill_concurrency": 2, **others}
    return WorkingTree(
        name="Pulumi.dev.yaml",
        recipes=recipes or Recipes({"": (BETTER,)}),
        architecture="arm64",
        completion_messages=True,
        **limits,
    )


def side(path: Path, spec: RenditionSpec, data: bytes, likeness: float | None = 0.97) -> Side:
    """Return a rendition with these bytes, in a file."""
    path.write_bytes(data)
    return Side(Made(spec.name, path, 40, 30, len(data)), spec, likeness)


def trial(
    of: Change,
    before: tuple[Side, ...],
    after: tuple[Side, ...],
    *,
    key: str = "a.jpg",
    weight: float = 1,
    cpu: float = 0.5,
) -> Trial:
    """Return a trial that went well."""
    made_before, made_after = (Rendering(tuple(each.made for each in sides), cpu) for sides in (before, after))
    return Trial(Sampled(listed(key), of, weight), made_before, made_after, before, after)
