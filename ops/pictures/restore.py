"""Restores archived originals: what is going to be asked of S3, what it costs and how long it takes, and the asking.

When S3 has restored one it tells the pipeline, which then renders it by itself. Prices are list prices of us-east-1, as in
docs/costs.md, which says where each was read, if anywhere; times are those of
https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.stack.parallel import each_with_result
from ops.terminal.errors import Misuse, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ops.stack.buckets import Pictures
    from ops.stack.picture import SourceState

STANDARD: Final = "standard"
TIERS: Final = (STANDARD, "bulk", "expedited")
_STANDARD_STORAGE: Final = 0.023
_MONTH: Final = 30
_GIGABYTE: Final = 1024**3

NOT_THERE: Final = "not there"
READABLE: Final = "can be read as they are"
UNDER_WAY: Final = "being restored already"
RESTORED: Final = "restored already"


@dataclass(frozen=True)
class Offer:
    """A tier of a storage class; dollars for a gigabyte and for a request."""

    per_gigabyte: float
    per_request: float
    takes: str


OFFERS: Final[Mapping[tuple[str, str], Offer]] = {
    ("GLACIER", "expedited"): Offer(0.03, 10.00 / 1000, "1 to 5 minutes"),
    ("GLACIER", STANDARD): Offer(0.01, 0.05 / 1000, "3 to 5 hours"),
    ("GLACIER", "bulk"): Offer(0.0, 0.0, "5 to 12 hours"),
    ("DEEP_ARCHIVE", STANDARD): Offer(0.02, 0.10 / 1000, "up to 12 hours"),
    ("DEEP_ARCHIVE", "bulk"): Offer(0.0025, 0.025 / 1000, "up to 48 hours"),
    ("INTELLIGENT_TIERING", STANDARD): Offer(0.0, 0.0, "3 to 12 hours"),
    ("INTELLIGENT_TIERING", "bulk"): Offer(0.0, 0.0, "5 to 48 hours"),
}
"""By storage class and tier."""


@dataclass(frozen=True, slots=True)
class Archived:
    """An original to restore; size in bytes."""

    key: str
    version_id: str | None
    size: int
    storage_class: str


@dataclass(frozen=True)
class Plan:
    """What is going to be asked for.

    Attributes:
        originals: To be restored.
        left: How many keys are left alone, by why.
        days: That the copies can be read for.
    """

    originals: tuple[Archived, ...]
    left: Mapping[str, int]
    tier: str
    days: int

    @property
    def dollars(self) -> float:
        """What the requests, the reading and the copies cost, about."""
        return sum(self._dollars_of(original) for original in self.originals)

    def lines(self) -> list[str]:
        """Return the plan for people."""
        takes = sorted({f"{self._offer(o).takes} from {o.storage_class}" for o in self.originals})
        size = sum(original.size for original in self.originals)
        return [
            f"restore         {len(self.originals)}, {size:,} bytes",
            *(f"  stay          {count} {why}" for why, count in sorted(self.left.items())),
            f"tier            {self.tier}",
            *(f"takes           {each}" for each in takes),
            f"can be read     for {self.days} day{'' if self.days == 1 else 's'}",
            f"costs           about ${self.dollars:,.4f} at list prices of us-east-1",
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the plan for programs."""
        return {
            "originals": [original.key for original in self.originals],
            "bytes": sum(original.size for original in self.originals),
            "left": dict(self.left),
            "tier": self.tier,
            "days": self.days,
            "dollars": round(self.dollars, 6),
        }

    def _offer(self, original: Archived) -> Offer:
        return OFFERS[original.storage_class, self.tier]

    def _dollars_of(self, original: Archived) -> float:
        offer, gigabytes = self._offer(original), original.size / _GIGABYTE
        copy = _STANDARD_STORAGE * self.days / _MONTH
        return offer.per_request + gigabytes * (offer.per_gigabyte + copy)


def plan_of(pictures: Pictures, keys: Iterable[str], tier: str, days: int) -> Plan:
    """Look at the originals, several at a time, and return what is to be restored.

    Raises:
        Misuse: One of them cannot be restored by this tier.
        Refusal: AWS does not show them.
    """
    originals: list[Archived] = []
    left: Counter[str] = Counter()
    for key, source in each_with_result(pictures.source, keys):
        reason = _why_not(source)
        if source is None or reason:
            left[reason or NOT_THERE] += 1
            continue
        if (source.storage_class, tier) not in OFFERS:
            others = ", ".join(name for class_, name in OFFERS if class_ == source.storage_class)
            raise Misuse(f"{key} lies in {source.storage_class}, which has no tier {tier}: choose one of {others}.")
        originals.append(Archived(key, source.version_id, source.size, source.storage_class))
    return Plan(tuple(originals), left, tier, days)


def restore(pictures: Pictures, plan: Plan, on_progress: Callable[[int], None] = lambda _count: None) -> dict[str, str]:
    """Ask S3 for every original of the plan; return why not, by key, for those that it refused."""

    def ask(original: Archived) -> str | None:
        try:
            pictures.restore(original.key, original.version_id, _request(original, plan))
        except Refusal as exc:
            return str(exc)
        finally:
            on_progress(1)
        return None

    return {original.key: why for original, why in each_with_result(ask, plan.originals) if why is not None}


def _request(original: Archived, plan: Plan) -> dict[str, Any]:
    """Intelligent-Tiering takes no days: what is restored there is in the frequent tier again."""
    days = {} if original.storage_class == "INTELLIGENT_TIERING" else {"Days": plan.days}
    return {**days, "GlacierJobParameters": {"Tier": plan.tier.capitalize()}}


def _why_not(source: SourceState | None) -> str | None:
    """Return why an original is left alone, None for one to restore."""
    if source is None:
        return NOT_THERE
    if source.restore is not None:
        return UNDER_WAY if source.restore.is_under_way else RESTORED
    return None if source.is_archived else READABLE
