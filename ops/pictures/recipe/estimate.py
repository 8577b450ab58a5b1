"""What it costs to render pictures again by a changed recipe, and how long it takes: the models of `cost`, with the sample's CPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.pictures.cost import prices
from ops.pictures.cost.design import MILLION, Design, of_pipeline
from ops.pictures.cost.simulation import Setting, drain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ops.pictures.recipe.change import Change, Group
    from ops.pictures.recipe.trial import Trial
    from ops.pictures.recipe.working_tree import WorkingTree

_LOOKS = 2
"""Manifests that `backfill --outdated` reads of each picture: for its plan, and when it sends."""


@dataclass(frozen=True)
class Estimate:
    """Of a backfill; dollars at list prices of us-east-1, seconds from the first message to the last picture."""

    pictures: int
    dollars: float
    seconds: float
    concurrency: int

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "pictures": self.pictures,
            "dollars": round(self.dollars, 2),
            "seconds": round(self.seconds),
            "concurrency": self.concurrency,
        }


def estimate(groups: Iterable[Group], trials: Sequence[Trial], tree: WorkingTree) -> Estimate | None:
    """Return the estimate; None where nothing of the sample could be rendered, so that nobody knows."""
    changed = [group for group in groups if group.rendered]
    cpu = _mean_cpu(trials)
    if cpu is None:
        return None if changed else Estimate(0, 0.0, 0.0, tree.backfill_concurrency)
    pictures, dollars, seconds = 0, 0.0, 0.0
    for group in changed:
        own = _mean_cpu([trial for trial in trials if trial.sampled.change == group.change])
        design = _design(group.change, cpu if own is None else own, tree)
        pictures += group.rendered
        dollars += design.cost(tree.memory, tree.architecture, tree.batch_size) / MILLION * group.rendered
        dollars += group.retrieved / 2**30 * prices.INSTANT_RETRIEVAL_GIGABYTE
        seconds += design.seconds(tree.memory, tree.batch_size) * group.rendered
    if not pictures:
        return Estimate(0, 0.0, 0.0, tree.backfill_concurrency)
    setting = Setting(tree.backfill_concurrency, tree.batch_size, seconds / pictures)
    return Estimate(pictures, dollars, drain(pictures, setting).seconds, tree.backfill_concurrency)


def _design(change: Change, cpu: float, tree: WorkingTree) -> Design:
    return of_pipeline(
        cpu,
        len(change.after.specs),
        heads=len({*change.goes, *(spec.name for spec in change.after.specs)}),
        publishes=int(tree.completion_messages),
        looks=_LOOKS,
    )


def _mean_cpu(trials: Iterable[Trial]) -> float | None:
    """Return the CPU seconds of a picture, each trial with the weight of the pictures that it stands for."""
    rendered = [(trial.sampled.weight, trial.after.cpu_seconds) for trial in trials if trial.after.renditions]
    weight = sum(each for each, _ in rendered)
    return sum(each * cpu for each, cpu in rendered) / weight if weight else None
