"""The outcomes of a run's pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Findings:
    """The outcomes of the pictures.

    Attributes:
        ready: Keys whose renditions are those of their last version, by the present recipe.
        ignored: Keys that the present recipes leave alone, without outputs.
        removed: Keys without a source, and without outputs.
        rejected: Dead letters by their reasons.
        stale: Outputs of another version than the last one, or of none.
        lost: Keys that have neither their renditions nor a dead letter that says why not.
        former: Outputs of a former recipe.
        innocent: Dead letters of a reason that nothing about their keys explains.
    """

    ready: int = 0
    ignored: int = 0
    removed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    stale: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    innocent: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the pipeline kept its promise."""
        return not (self.stale or self.lost or self.former or self.innocent)
