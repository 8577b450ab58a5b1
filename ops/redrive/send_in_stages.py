"""Sends a redrive in two stages: the canary, and the rest if the canary became ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.dead_letters.listing import letters
from ops.redrive.report import Report
from ops.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ops.redrive.follow import Follower
    from ops.redrive.planned import Planned
    from ops.redrive.send import Redrive


def send_in_stages(
    redrive: Redrive, follower: Follower | None, canary: Sequence[Planned], rest: Sequence[Planned]
) -> Report:
    """Send the canary and follow it, then the rest if all of its pictures became ready; without a follower, only send.

    Raises:
        Refusal: AWS did not do it; the journal knows how far this came.
    """
    report = Report(len(canary) + len(rest), is_followed=follower is not None)
    if canary:
        _send(canary, redrive, follower, report)
        report.is_stopped = report.needs_attention
    if report.is_stopped:
        say(f"The canary did not become ready: the other {letters(len(rest))} stay.")
    else:
        _send(rest, redrive, follower, report)
    if not report.undeleted:
        redrive.journal.finish()
    return report


def _send(planned: Sequence[Planned], redrive: Redrive, follower: Follower | None, report: Report) -> None:
    redrive.run([letter.id for letter in planned], report)
    if follower is not None:
        gone = redrive.journal.state.sent
        say("Waiting for what becomes of the pictures ...")
        follower.follow([letter for letter in planned if letter.id in gone], report)
