"""The result of a redrive: letters sent and deleted, and the outcomes of their pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops.queues.batches import Failure
    from ops.redrive.planned import Planned


@dataclass
class Report:
    """Letters by what became of them.

    Attributes:
        planned: Letters that were to go.
        is_followed: Whether the outcomes of the pictures are followed.
        sent: Ids of this run that AWS has taken.
        refused: Why AWS did not take a letter, by id; it is still a dead letter.
        undeleted: Why AWS did not delete a letter that was sent, by id; it would be sent twice, so resume.
        missing: Ids that the dead-letter queue no longer has: expired, or deleted by others.
        ready: Letters whose pictures are ready, or settled otherwise.
        failed: Letters that are dead letters again, with the reason.
        queued: Letters that are neither.
        is_stopped: Whether the canary kept the others back.
    """

    planned: int
    is_followed: bool
    sent: list[str] = field(default_factory=list)
    refused: dict[str, Failure] = field(default_factory=dict)
    undeleted: dict[str, Failure] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    ready: list[Planned] = field(default_factory=list)
    failed: list[tuple[Planned, str]] = field(default_factory=list)
    queued: list[Planned] = field(default_factory=list)
    is_stopped: bool = False

    @property
    def needs_attention(self) -> bool:
        """Whether anything is left to do."""
        return self.is_stopped or not self.all_ready or bool(self.refused or self.undeleted)

    @property
    def all_ready(self) -> bool:
        """Whether no picture failed again or is still queued."""
        return not self.failed and not self.queued

    def lines(self) -> list[str]:
        """Return the report for people."""
        counts = {"not taken by AWS": self.refused, "not deleted": self.undeleted, "no longer there": self.missing}
        return [
            f"sent back       {len(self.sent)} of {self.planned}",
            *(f"  {name:<14}{len(ids)}" for name, ids in counts.items() if ids),
            *(self.outcome_lines() if self.is_followed else []),
        ]

    def outcome_lines(self) -> list[str]:
        """Return what became of the pictures, for people."""
        return [
            f"ready           {len(self.ready)}",
            f"failed again    {len(self.failed)}",
            *(f"                {count} {reason}" for reason, count in self._reasons().items()),
            f"still queued    {len(self.queued)}",
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        outcomes = {"ready": len(self.ready), "failed": self._reasons(), "queued": len(self.queued)}
        return {
            "planned": self.planned,
            "sent": len(self.sent),
            "refused": {id_: str(failure) for id_, failure in self.refused.items()},
            "undeleted": {id_: str(failure) for id_, failure in self.undeleted.items()},
            "missing": sorted(self.missing),
            "outcomes": outcomes if self.is_followed else None,
            "stopped_by_canary": self.is_stopped,
        }

    def _reasons(self) -> dict[str, int]:
        return dict(sorted(Counter(reason for _, reason in self.failed).items()))
