"""The canary of a backfill: a few outdated pictures, from every folder with a recipe, that have to become current before the rest is sent."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

from ops.pictures.backfill.backfill import REJECTED, SEND
from ops.stack.parallel import each_with_result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.pictures.backfill.backfill import Selection
    from ops.stack.picture import Listed
    from worker.contracts.recipes.by_prefix import Recipes

_POLL_SECONDS: Final = 0.5


@dataclass
class Canary:
    """Chooses `size` pictures out of a listing that goes by, in bounded memory."""

    recipes: Recipes
    size: int
    _by_prefix: dict[str | None, list[Listed]] = field(default_factory=lambda: defaultdict(list))

    def offer(self, listed: Listed, *, failed: bool = False) -> None:
        """Keep a picture, or not; one that has to be restored first would tell nothing, nor one that failed before."""
        kept = self._by_prefix[self.recipes.prefix_of(listed.key)]
        if len(kept) < self.size and not (listed.is_archived or failed):
            kept.append(listed)

    @property
    def chosen(self) -> list[Listed]:
        """One of each prefix after the other, so that each recipe is tried."""
        rounds = chain.from_iterable(zip_longest(*self._by_prefix.values()))
        return [listed for listed in rounds if listed is not None][: self.size]


def failures_of(selection: Selection, canary: list[Listed], patience: float) -> dict[str, str]:
    """Wait until every picture is current, `patience` seconds at most; return why not, by the key of each that is not.

    Raises:
        Refusal: AWS does not show a manifest.
    """
    waiting, failures = list(canary), {}
    deadline = time.monotonic() + patience
    while True:
        decided = [(listed, found.choice) for listed, found in each_with_result(selection.decide, waiting)]
        failures.update({listed.key: _why(selection, listed) for listed, choice in decided if choice == REJECTED})
        waiting = [listed for listed, choice in decided if choice == SEND]
        if not waiting or time.monotonic() >= deadline:
            return failures | {listed.key: f"not current after {patience:.0f} s" for listed in waiting}
        time.sleep(_POLL_SECONDS)


def triable(selection: Selection, canary: list[Listed]) -> tuple[list[Listed], frozenset[str]]:
    """Return those that were not rejected before, which may be again, and the keys of those that were ready before.

    Raises:
        Refusal: AWS does not show a manifest.
    """
    found = [(listed, selection.judge.pictures.manifest(listed.key)) for listed in canary]
    tried = [listed for listed, manifest in found if manifest is None or not manifest.is_rejected]
    return tried, frozenset(listed.key for listed, manifest in found if manifest is not None and manifest.is_ready)


def are_of_pictures(failures: Mapping[str, str], ready: frozenset[str], size: int) -> bool:
    """Whether a canary of so many failed by nothing but pictures that are bad in themselves: rejected, at first sight, and not all."""
    return len(failures) < size and all(why.startswith(REJECTED) and key not in ready for key, why in failures.items())


def _why(selection: Selection, listed: Listed) -> str:
    manifest = selection.judge.pictures.manifest(listed.key)
    return f"rejected: {manifest.reason}" if manifest else "rejected"
