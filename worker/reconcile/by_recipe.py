"""Reconciles each key by the recipe that it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.contracts.recipes.by_prefix import Recipe, Recipes
    from worker.reconcile.reconciler import Reconciled, Reconciler
    from worker.rendering.renderer import Budget


@dataclass(frozen=True)
class ByRecipe:
    """Reconciles keys of one deployment; `reconciler` returns what reconciles those of one recipe."""

    recipes: Recipes
    reconciler: Callable[[Recipe], Reconciler]

    def __call__(self, key: str, budget: Budget, leftovers: Sequence[str] = (), looks: bool = False) -> Reconciled:
        """See `Reconciler`."""
        return self.reconciler(self.recipes.of(key))(key, budget, leftovers, looks)
