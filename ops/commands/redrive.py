"""`redrive`: send dead letters back to the queue."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ops import options
from ops.console import confirm, emit, progress, say, show
from ops.errors import Misuse, OpsError
from ops.follow import Follower
from ops.hold import Hold
from ops.journal import Journal, read, unfinished
from ops.listing import letters
from ops.pace import Pace
from ops.perform import Performer
from ops.plan import Bounds, Planner
from ops.redrive import Redrive
from ops.selection import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ops.filters import Filters
    from ops.perform import Report
    from ops.plan import Plan, Planned
    from ops.session import Session

_DIRECTORY: Final = Path(".ops")
_HIDDEN_BY_THE_DEAD: Final = 600.0
"""Seconds that a resumed run waits for letters that the killed one still hides."""


@click.command()
@options.filters
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send back N letters at most, the oldest first.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Messages a second at most.")
@click.option(
    "--max-redrives",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    metavar="N",
    help="Leave letters alone that were sent back as often.",
)
@click.option(
    "--canary",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    metavar="N",
    help="Letters to send first; the others go only if these become ready. 0 for none.",
)
@click.option("--no-follow", is_flag=True, help="Only send: no canary, no report of what became of the pictures.")
@options.patience
@options.dry_run
@options.without_asking
@click.option("--resume", is_flag=True, help="Finish the redrive that was interrupted, by its journal.")
@click.option(
    "--journal",
    "journal_file",
    type=options.a_file,
    metavar="FILE",
    help="Where the journal is. Default: a new file in .ops, or the unfinished one there.",
)
@options.as_json
@click.pass_obj
def redrive(
    session: Session,
    *,
    filters: Filters,
    limit: int | None,
    rate: float | None,
    max_redrives: int,
    canary: int,
    no_follow: bool,
    patience: float,
    dry_run: bool,
    yes: bool,
    resume: bool,
    journal_file: Path | None,
    as_json: bool,
) -> int:
    """Send dead letters back to the queue: plan, canary, the rest, report.

    Bounded by the letters that are there at the start. Each goes back with its body and attributes, and redrives one
    up; it is deleted only when AWS has confirmed the sending. A journal on disk lets --resume finish what was
    interrupted, however it was, without losing a letter.

    The canary is taken from all reasons in turn. If one of its pictures fails again, the others stay.

    Exit status 0 if every picture became ready, 1 if any failed again or is still queued.

    \b
    Examples:
      python -m ops --stack local redrive --dry-run
      python -m ops --stack local redrive --verdict retry
      python -m ops --stack local redrive --reason throttled --canary 0 --rate 100 --yes
      python -m ops --stack local redrive --resume
    """  # noqa: D301 - click's marker is the control character, not a backslash
    bounds = Bounds(limit, max_redrives, 0 if no_follow else canary, rate)
    work = _Work(session, rate, None if no_follow else patience, as_json=as_json)
    if resume:
        return work.resume(_journal_to_resume(session, journal_file))
    _refuse_unfinished(session)
    with Hold(session.dead_letters, keep=True) as hold:
        plan = _plan(session, hold, filters, bounds)
        is_planned_only = dry_run or not plan.chosen
        _show_plan(plan, as_json=as_json and is_planned_only, as_result=is_planned_only)
        if is_planned_only or not confirm(f"Send {letters(len(plan.chosen))} back?", yes=yes):
            say("Nothing was sent.")
            return 0
        return work.perform(plan, hold, journal_file or _new_journal(session))


def _plan(session: Session, hold: Hold, filters: Filters, bounds: Bounds) -> Plan:
    """Look at every letter, and give back at once those that stay."""
    planner = Planner(session.stack.source_bucket, bounds)
    for letter, _ in select(session, hold, filters, judged=False, on_left=planner.leave):
        planner.consider(letter)
    plan = planner.plan()
    hold.release(set(hold.ids) - {letter.id for letter in plan.chosen})
    return plan


def _show_plan(plan: Plan, *, as_json: bool, as_result: bool) -> None:
    """Print the plan: the very same lines whether it is all there is to see, or about to be performed."""
    if as_json:
        emit(plan.to_json())
    elif as_result:
        show(plan.lines())
    else:
        for line in plan.lines():
            say(line)


def _new_journal(session: Session) -> Path:
    return _DIRECTORY / f"redrive-{session.now():%Y%m%dT%H%M%S%f}.jsonl"


def _refuse_unfinished(session: Session) -> None:
    """Refuse to begin while letters that were sent may still be dead letters: they would be sent twice."""
    for path in unfinished(_DIRECTORY, session.stack.dead_letter_queue_url):
        if read(path).in_limbo:
            raise Misuse(
                f"An earlier redrive was interrupted; finish it first: {session.command('redrive --resume')}"
                f" (its journal is {path})"
            )


def _journal_to_resume(session: Session, file: Path | None) -> Path:
    if file is not None:
        return file
    paths = unfinished(_DIRECTORY, session.stack.dead_letter_queue_url)
    if not paths:
        raise Misuse(f"No redrive of the stack {session.stack.name} is unfinished; name its journal with --journal.")
    return paths[0]


@dataclass(frozen=True)
class _Work:
    """Performs a plan for a person; `patience` is None where nobody follows the pictures."""

    session: Session
    rate: float | None
    patience: float | None
    as_json: bool

    def perform(self, plan: Plan, hold: Hold, path: Path) -> int:
        stack = self.session.stack
        urls = {"dead_letter_queue_url": stack.dead_letter_queue_url, "queue_url": stack.queue_url}
        head = {**urls, "stack": stack.arguments, "at": self.session.now().isoformat()}
        journal = Journal.start(path, head, plan.chosen)
        return self._work(journal, hold, plan.canary, plan.rest, 0)

    def resume(self, path: Path) -> int:
        journal = Journal.resume(path)
        record = journal.record
        if record.head["dead_letter_queue_url"] != self.session.stack.dead_letter_queue_url:
            raise Misuse(f"{path} is the journal of another stack: {record.head['stack']}.")
        say(f"{path}: {letters(len(record.open))} of {len(record.planned)} still to be done.")
        with Hold(self.session.dead_letters) as hold:
            return self._work(journal, hold, (), [record.planned[id_] for id_ in record.open], _HIDDEN_BY_THE_DEAD)

    def _work(
        self, journal: Journal, hold: Hold, canary: Sequence[Planned], rest: Sequence[Planned], patience: float
    ) -> int:
        session = self.session
        try:
            with progress("sent back", len(canary) + len(rest)) as advance, closing(journal):
                redrive = Redrive(hold, session.queue, journal, Pace(self.rate), advance, patience=patience)
                report = Performer(redrive, self._follower(), say).perform(canary, rest)
        except (OpsError, KeyboardInterrupt):
            say(f"Interrupted; finish it with: {session.command('redrive --resume')} (journal {journal.path})")
            raise
        if self.as_json:
            emit({**report.to_json(), "journal": str(journal.path)})
        else:
            show(report.lines())
        self._say_what_next(report)
        return int(report.needs_attention)

    def _follower(self) -> Follower | None:
        if self.patience is None:
            return None
        session = self.session
        recipe = session.deployment.recipe
        return Follower(session.pictures, session.queue, session.dead_letters, recipe, patience=self.patience)

    def _say_what_next(self, report: Report) -> None:
        if report.tally.undeleted:
            say(f"Some were sent but not deleted; finish with: {self.session.command('redrive --resume')}")
        elif report.outcomes and report.outcomes.failed:
            say(f"What failed again is back among the dead letters: {self.session.command('dlq list')}")
        elif report.outcomes and report.outcomes.queued:
            say(f"What is still queued shows in: {self.session.command('status')}")
