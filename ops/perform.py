"""Performs a redrive's plan: the canary and its outcome, the rest and its outcome, and the report of it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.follow import Follower, Outcomes
from ops.listing import letters
from ops.redrive import Redrive, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.plan import Planned


@dataclass
class Report:
    """What a redrive came to.

    Attributes:
        planned: Letters that were to go.
        outcomes: Of those sent; None if nobody looked.
        is_stopped: Whether the canary kept the others back.
    """

    planned: int
    tally: Tally = field(default_factory=Tally)
    outcomes: Outcomes | None = None
    is_stopped: bool = False

    @property
    def needs_attention(self) -> bool:
        """Whether anything is left to do."""
        return self.is_stopped or not self.tally.is_clean or bool(self.outcomes and not self.outcomes.all_ready)

    def lines(self) -> list[str]:
        """Return the report for people."""
        tally = self.tally
        counts = {"not taken by AWS": tally.refused, "not deleted": tally.undeleted, "no longer there": tally.missing}
        return [
            f"sent back       {len(tally.sent)} of {self.planned}",
            *(f"  {name:<14}{len(ids)}" for name, ids in counts.items() if ids),
            *(self.outcomes.lines() if self.outcomes else []),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "planned": self.planned,
            "sent": len(self.tally.sent),
            "refused": {id_: str(failure) for id_, failure in self.tally.refused.items()},
            "undeleted": {id_: str(failure) for id_, failure in self.tally.undeleted.items()},
            "missing": sorted(self.tally.missing),
            "outcomes": self.outcomes and self.outcomes.to_json(),
            "stopped_by_canary": self.is_stopped,
        }


@dataclass(frozen=True)
class Performer:
    """Performs plans; without a follower it only sends.

    Attributes:
        say: Tells the person at the keyboard how it goes.
    """

    redrive: Redrive
    follower: Follower | None
    say: Callable[[str], None]

    def perform(self, canary: Sequence[Planned], rest: Sequence[Planned]) -> Report:
        """Send the canary, then the rest if all of its pictures became ready.

        Raises:
            Refusal: AWS did not do it; the journal knows how far this came.
        """
        report = Report(len(canary) + len(rest))
        if canary:
            self._send(canary, report)
            report.is_stopped = report.needs_attention
            if report.is_stopped:
                self.say(f"The canary did not become ready: the other {letters(len(rest))} stay.")
        if not report.is_stopped:
            self._send(rest, report)
        if not report.tally.undeleted:
            self.redrive.journal.finish()
        return report

    def _send(self, planned: Sequence[Planned], report: Report) -> None:
        tally = self.redrive.run([letter.id for letter in planned])
        report.tally.add(tally)
        if self.follower is None:
            return
        gone = self.redrive.journal.record.sent
        self.say("Waiting for what becomes of the pictures ...")
        outcomes = self.follower.follow([letter for letter in planned if letter.id in gone])
        report.outcomes = report.outcomes or Outcomes()
        report.outcomes.add(outcomes)
