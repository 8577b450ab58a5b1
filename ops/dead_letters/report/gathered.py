"""The letters of a report, in bounded memory: all are counted, the newest are kept. Asks nothing."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ops.dead_letters.groups import order
from ops.queues.letter import NO_REASON

if TYPE_CHECKING:
    from ops.dead_letters.listing import Lister
    from ops.queues.letter import Letter

MOST: Final = 10_000
"""Letters on a page."""
_LONGEST: Final = 500
"""Characters of a detail."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One letter on the page; times in UTC. Compares by when it failed."""

    failed_at: datetime
    id: str
    keys: tuple[str, ...]
    verdict: str
    reason: str
    detail: str
    attempts: int | None
    redrives: int
    expires_at: datetime

    @classmethod
    def of(cls, letter: Letter, verdict: str, lister: Lister) -> Entry:
        """Return what the page says of a letter."""
        described = lister.document(letter, verdict)
        return cls(
            letter.failed_at,
            letter.id,
            tuple(described["keys"]),
            verdict,
            letter.reason or NO_REASON,
            (described["detail"] or "")[:_LONGEST],
            described["attempts"],
            letter.redrives,
            datetime.fromisoformat(described["expires_at"]),
        )


@dataclass
class Gathered:
    """What is on the page.

    Attributes:
        counts: Letters by verdict and reason, of all that there are.
        failed_at: When each of all failed, in seconds since the epoch.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed_at: array[float] = field(default_factory=lambda: array("d"))
    _newest: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Count a letter, and keep it unless `MOST` newer ones are there."""
        self.counts[entry.verdict, entry.reason] += 1
        self.failed_at.append(entry.failed_at.timestamp())
        if len(self._newest) < MOST:
            heapq.heappush(self._newest, entry)
        else:
            heapq.heappushpop(self._newest, entry)

    @property
    def left_out(self) -> int:
        """Letters that are counted and not kept."""
        return len(self.failed_at) - len(self._newest)

    def groups(self) -> list[tuple[str, str, list[Entry]]]:
        """Return verdict, reason and letters of each group, what needs an operator most first, and the newest letter first."""
        found = defaultdict[tuple[str, str], list[Entry]](list)
        for entry in sorted(self._newest, reverse=True):
            found[entry.verdict, entry.reason].append(entry)
        return [(*kind, found[kind]) for kind in sorted(self.counts, key=lambda kind: order(*kind))]
