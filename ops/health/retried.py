"""What the worker tries again, by reason: from its log of the last five minutes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ops.dead_letters.next_step import FIRST
from ops.stack.metrics import MINUTES
from ops.terminal.errors import Refusal
from ops.terminal.text import argument
from worker.contracts.names import RETRY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ops.session import Session
    from ops.stack.worker_log import WorkerLog

_SPAN: Final = timedelta(minutes=MINUTES)
_PAGES: Final = 5
"""Of up to 1 MB each: `status --watch` reads them again and again."""


@dataclass(frozen=True)
class Retried:
    """Attempts that are to be repeated.

    Attributes:
        reasons: How many there were of each.
        first: A key of each, that of the first; empty where its message names none.
        is_all: False where there is more in the log than was read.
        unread: Why the log was not read, a sentence; empty where it was.
    """

    reasons: Mapping[str, int] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)
    is_all: bool = True
    unread: str = ""

    @classmethod
    def of(cls, log: WorkerLog, now: datetime) -> Retried:
        """Read the log; that it cannot be read is told, and no error."""
        try:
            excerpt = log.read(RETRY, now - _SPAN, now + _SPAN, pages=_PAGES)  # This computer's clock may be slow.
        except Refusal as exc:
            return cls(unread=str(exc))
        documents = [each for line in excerpt.lines if (each := line.document).get("event") == RETRY]
        first: dict[str, str] = {}
        for each in documents:
            first.setdefault(each["reason"], next(iter(each["keys"]), ""))
        return cls(Counter(each["reason"] for each in documents), first, excerpt.is_all)

    def __str__(self) -> str:
        """Return such as `12 access-denied (first: cats/1.jpg), 3 throttled (first: dogs/1.jpg)`, what does not pass by itself first."""
        if self.unread:
            return f"not known why: {self.unread}"
        if not self.reasons:
            return f"not known why: no line of it in {'' if self.is_all else 'what was read of '}the worker's log"
        least = "" if self.is_all else "at least "
        return least + ", ".join(
            f"{self.reasons[reason]} {reason}{self._first(reason)}" for reason in self._worst_first()
        )

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        if self.unread:
            return {"unread": self.unread}
        reasons = {
            reason: {"count": count, "first": self.first[reason]} for reason, count in sorted(self.reasons.items())
        }
        return {"reasons": reasons, "is_all": self.is_all}

    @property
    def needs_repair(self) -> bool:
        """Whether any of the reasons does not pass by itself."""
        return not FIRST.keys().isdisjoint(self.reasons)

    def advice(self, session: Session) -> str:
        """Return what to do about the worst of the reasons."""
        worst = next(iter(self._worst_first()), None)
        if worst is None:
            return f"why pictures are tried again is in the log {session.deployment.log_group}, event {RETRY}"
        if worst not in FIRST:
            return f"nothing; {worst} passes by itself"
        if not self.first[worst]:
            return f"docs/operations.md, {worst}"
        return f"{worst} does not pass by itself: {session.command('where', *argument(self.first[worst]))}"

    def _worst_first(self) -> list[str]:
        return sorted(self.reasons, key=lambda reason: (reason not in FIRST, -self.reasons[reason], reason))

    def _first(self, reason: str) -> str:
        return f" (first: {self.first[reason]})" if self.first[reason] else ""
