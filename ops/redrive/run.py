"""One run of a redrive, begun by a plan or resumed by a journal, and its report to a person."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ops.dead_letters.listing import letters
from ops.queues.rate import RateLimit
from ops.queues.sweep import Sweep
from ops.redrive import journal_directory
from ops.redrive.follow import Follower
from ops.redrive.journal import Journal
from ops.redrive.send import Redrive
from ops.redrive.send_in_stages import send_in_stages
from ops.terminal.errors import Misuse, OpsError
from ops.terminal.output import emit, progress, say, show

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ops.redrive.plan import Plan
    from ops.redrive.planned import Planned
    from ops.redrive.report import Report
    from ops.session import Session

_KILLED_RUN_HIDES_SECONDS: Final = 600.0
"""Seconds that a resumed run waits for letters that the killed one still hides."""


@dataclass(frozen=True)
class Run:
    """Performs a plan for a person, and reports the result.

    Attributes:
        patience: Seconds to follow the pictures; None: not at all.
    """

    session: Session
    rate: float | None
    patience: float | None
    as_json: bool

    def begin(self, plan: Plan, sweep: Sweep, path: Path | None) -> int:
        """Perform `plan` on what `sweep` has, with a new journal at `path` or in its directory; return the exit status.

        Raises:
            OpsError: It could not be finished; how to go on was printed.
        """
        return self._work(journal_directory.begin(self.session, plan, path), sweep, plan.canary, plan.rest, 0)

    def resume(self, path: Path) -> int:
        """Finish what the journal at `path` says is still to be done; return the exit status.

        Raises:
            Misuse: It is the journal of another stack, or none.
            OpsError: It could not be finished; how to go on was printed.
        """
        journal = Journal.resume(path)
        state = journal.state
        if state.head["dead_letter_queue_url"] != self.session.stack.dead_letter_queue_url:
            raise Misuse(f"{path} is the journal of another stack: {state.head['stack']}.")
        say(f"{path}: {letters(len(state.open))} of {len(state.planned)} still to be done.")
        with Sweep(self.session.dead_letters) as sweep:
            return self._work(journal, sweep, (), state.open, _KILLED_RUN_HIDES_SECONDS)

    def _work(
        self, journal: Journal, sweep: Sweep, canary: Sequence[Planned], rest: Sequence[Planned], patience: float
    ) -> int:
        session = self.session
        try:
            with progress("sent back", len(canary) + len(rest)) as advance, closing(journal):
                redrive = Redrive(sweep, session.queue, journal, RateLimit(self.rate), advance, patience=patience)
                follower = None if self.patience is None else Follower.of(session, self.patience)
                report = send_in_stages(redrive, follower, canary, rest)
        except (OpsError, KeyboardInterrupt):
            say(f"Interrupted; finish it with: {session.command('redrive', '--resume')} (journal {journal.path})")
            raise
        if self.as_json:
            emit({**report.to_json(), "journal": str(journal.path)})
        else:
            show(report.lines())
        self._say_what_next(report)
        return int(report.needs_attention)

    def _say_what_next(self, report: Report) -> None:
        if report.undeleted:
            say(f"Some were sent but not deleted; finish with: {self.session.command('redrive', '--resume')}")
        elif report.failed:
            say(f"What failed again is back among the dead letters: {self.session.command('dlq', 'list')}")
        elif report.queued:
            say(f"What is still queued shows in: {self.session.command('status')}")
