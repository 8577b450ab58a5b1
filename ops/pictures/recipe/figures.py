"""Bytes and likeness of one rendition over the whole sample, before and after."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ops.pictures.recipe.trial import Side, Trial

_Weighed = tuple[float, "Side | None", "Side | None"]


@dataclass(frozen=True)
class Mean:
    """Of the renditions by one recipe, each with the weight of the pictures that it stands for."""

    bytes: float
    likeness: float | None

    @classmethod
    def of(cls, sides: Iterable[tuple[float, Side | None]]) -> Mean | None:
        """Return the mean of those that there are; None where there are none."""
        made = [(weight, side) for weight, side in sides if side is not None]
        compared = [(weight, side.likeness) for weight, side in made if side.likeness is not None]
        if not made:
            return None
        return cls(_mean([(weight, side.made.bytes) for weight, side in made]), _mean(compared) if compared else None)


def _mean(values: Sequence[tuple[float, float]]) -> float:
    return sum(weight * value for weight, value in values) / sum(weight for weight, _ in values)


@dataclass(frozen=True)
class Figures:
    """Of one rendition; None where it is not made."""

    name: str
    pictures: int
    before: Mean | None
    after: Mean | None

    def row(self) -> tuple[str, ...]:
        """Return the cells of a table: name, pictures, bytes before and after, likeness before and after."""
        change = f" ({self.after.bytes / self.before.bytes - 1:+.0%})" if self.before and self.after else ""
        return (
            f"  {self.name}",
            f"{self.pictures:,}",
            _bytes(self.before),
            _bytes(self.after) + change,
            _likeness(self.before),
            _likeness(self.after),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it for programs; means."""
        sides = {"before": self.before, "after": self.after}
        return {
            "pictures": self.pictures,
            **{
                name: side and {"bytes": round(side.bytes), "likeness": side.likeness and round(side.likeness, 4)}
                for name, side in sides.items()
            },
        }


def _bytes(mean: Mean | None) -> str:
    return "-" if mean is None else f"{mean.bytes:,.0f}"


def _likeness(mean: Mean | None) -> str:
    return "-" if mean is None or mean.likeness is None else f"{mean.likeness:.4f}"


def figures_of(trials: Iterable[Trial]) -> list[Figures]:
    """Return the figures of every rendition that is made of any picture, in the order of the recipes."""
    found: dict[str, list[_Weighed]] = defaultdict(list)
    for trial in trials:
        for name, before, after in trial.pairs():
            if before or after:
                found[name].append((trial.sampled.weight, before, after))
    return [
        Figures(
            name,
            len(sides),
            Mean.of((weight, before) for weight, before, _ in sides),
            Mean.of((weight, after) for weight, _, after in sides),
        )
        for name, sides in found.items()
    ]
