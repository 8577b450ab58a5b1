"""Plans a redrive before anything is sent: a dry run prints the plan, a run prints and performs it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.queues.letter import NO_REASON
from ops.redrive.canary import canary_first
from ops.redrive.planned import Planned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sized

    from ops.queues.letter import Letter

NOT_SELECTED = "not selected by the filters"
REDRIVEN_OFTEN = "redriven too often already"
NO_ROOM = "without room for the attribute that counts redrives"
OVER_LIMIT = "over --limit"


@dataclass(frozen=True)
class Bounds:
    """What a redrive is held to.

    Attributes:
        limit: Letters at most, the oldest first; None for no limit.
        max_redrives: A letter that was sent back as often is left alone.
        canary: Letters that go first, and whose outcome decides about the others.
        rate: Messages a second at most; None for no limit.
    """

    limit: int | None
    max_redrives: int
    canary: int
    rate: float | None


@dataclass(frozen=True)
class Plan:
    """What is going to be done, and what not, and why not.

    Attributes:
        found: Letters that there were.
        left: Letters that stay, by why.
        chosen: Letters to send back, the canary first, then the oldest.
    """

    found: int
    left: Mapping[str, int]
    chosen: tuple[Planned, ...]
    bounds: Bounds

    @property
    def canary(self) -> tuple[Planned, ...]:
        """Those that go first; none where that would be all of them, but one where something may have ended the worker."""
        size = self.bounds.canary
        if 1 < len(self.chosen) <= size and self.chosen[0].reason == NO_REASON:
            size = 1
        return self.chosen[:size] if len(self.chosen) > size else ()

    @property
    def rest(self) -> tuple[Planned, ...]:
        """All others."""
        return self.chosen[len(self.canary) :]

    def lines(self) -> list[str]:
        """Return the plan for people."""
        reasons = Counter(letter.reason for letter in self.chosen)
        rate = "no limit" if self.bounds.rate is None else f"{self.bounds.rate:g} messages/s at most"
        return [
            f"dead letters    {self.found}",
            *(f"  stay          {count} {why}" for why, count in self.left.items() if count),
            f"  go back       {len(self.chosen)}",
            *(f"                {count} {reason}" for reason, count in sorted(reasons.items())),
            f"canary          {f'{len(self.canary)} first' if self.canary else 'none'}",
            f"rate            {rate}",
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the plan for programs."""
        return {
            "found": self.found,
            "left": dict(self.left),
            "chosen": len(self.chosen),
            "by_reason": dict(sorted(Counter(letter.reason for letter in self.chosen).items())),
            "canary": [letter.id for letter in self.canary],
            "rate": self.bounds.rate,
        }


def plan_of(selected: Iterable[Letter], found: Sized, bucket: str, bounds: Bounds) -> Plan:
    """Take the selected letters one by one and keep only what the plan needs of them.

    Args:
        selected: The letters that the filters select.
        found: All letters; complete once `selected` is exhausted, which may receive them.
        bucket: The source bucket.
        bounds: What the redrive is held to.
    """
    candidates: list[Planned] = []
    often = without_room = 0
    for letter in selected:
        if letter.redrives >= bounds.max_redrives:
            often += 1
        elif not letter.has_room_for_count:
            without_room += 1
        else:
            candidates.append(Planned.of(letter, bucket))
    oldest_first = sorted(candidates, key=lambda letter: (letter.sent_at, letter.id))
    chosen = oldest_first[: bounds.limit]
    left = {
        NOT_SELECTED: len(found) - len(candidates) - often - without_room,
        REDRIVEN_OFTEN: often,
        NO_ROOM: without_room,
        OVER_LIMIT: len(candidates) - len(chosen),
    }
    return Plan(len(found), left, canary_first(chosen, bounds.canary), bounds)
