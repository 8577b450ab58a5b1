"""`redrive`: send dead letters back to the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.listing import letters
from ops.dead_letters.next_step import FIRST
from ops.dead_letters.selection import select
from ops.queues.sweep import Sweep
from ops.redrive import journal_directory
from ops.redrive.plan import Bounds, plan_of
from ops.redrive.run import Run
from ops.terminal.output import say
from ops.terminal.prompts import agreed

if TYPE_CHECKING:
    from pathlib import Path

    from ops.dead_letters.filters import Filters
    from ops.redrive.plan import Plan
    from ops.session import Session


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
    run = Run(session, rate, None if no_follow else patience, as_json=as_json)
    if resume:
        return run.resume(journal_file or journal_directory.to_resume(session))
    journal_directory.refuse_unfinished(session)
    with Sweep(session.dead_letters, keep=True) as sweep:
        plan = _plan(session, sweep, filters, bounds)
        question = None if dry_run or not plan.chosen else f"Send {letters(len(plan.chosen))} back?"
        if not agreed(plan, question, yes=yes, as_json=as_json):
            say("Nothing was sent.")
            return 0
        return run.begin(plan, sweep, journal_file)


def _plan(session: Session, sweep: Sweep, filters: Filters, bounds: Bounds) -> Plan:
    """Look at every letter, give back at once those that stay, and say what has to be done first."""
    selected = (letter for letter, _ in select(session, sweep, filters, judged=False))
    plan = plan_of(selected, sweep.ids, session.stack.source_bucket, bounds)
    sweep.release(sweep.ids - {letter.id for letter in plan.chosen})
    for reason in sorted({letter.reason for letter in plan.chosen} & FIRST.keys()):
        say(f"Unless it is done, {reason} fails again: {FIRST[reason]}.")
    return plan
