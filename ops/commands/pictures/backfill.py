"""`backfill`: have the worker reconcile pictures that are there already."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from ops.commands import options
from ops.pictures.backfill.backfill import Backfill, Enqueued, Seen, Selection
from ops.pictures.backfill.canary import Canary, are_of_pictures, failures_of, triable
from ops.pictures.backfill.journal import BackfillJournal, interrupted, mark_of
from ops.pictures.backfill.plan import BackfillPlan
from ops.queues.rate import RateLimit
from ops.redrive.journal_directory import DIRECTORY
from ops.terminal.errors import Misuse, OpsError
from ops.terminal.output import emit, progress, say, show
from ops.terminal.prompts import agreed

if TYPE_CHECKING:
    from ops.session import Session
    from ops.stack.picture import Listed

_EXAMPLES: Final = 5


@click.command()
@click.option("--prefix", default="", metavar="P", help="Only keys that start with this.")
@click.option(
    "--outdated",
    is_flag=True,
    help="Only pictures whose manifest is of another recipe, ETag or focus, and those that --looks is for.",
)
@click.option(
    "--looks",
    is_flag=True,
    help="Add the look (colour, placeholder) and present addresses to manifests without; renders nothing anew.",
)
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Messages a second at most.")
@click.option(
    "--canary",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    metavar="N",
    help="Pictures to send first; the rest only if these become current. Without --outdated, where there are more.",
)
@options.patience
@options.dry_run
@options.without_asking
@click.option("--resume", is_flag=True, help="Go on with the backfill that was interrupted, by its journal.")
@options.as_json
@click.pass_obj
def backfill(
    session: Session,
    *,
    prefix: str,
    outdated: bool,
    looks: bool,
    rate: float | None,
    canary: int,
    patience: float,
    dry_run: bool,
    yes: bool,
    resume: bool,
    as_json: bool,
) -> int:
    """Have the worker reconcile pictures that are in the source bucket already.

    After a change of the renditions, or for pictures that were there before the pipeline. Says first how many, what they weigh,
    and what that costs and takes; asks if there are more than 1,000, or renditions that no recipe names any more would be
    deleted, which --outdated lists. Then sends a canary, and the rest to a queue of their own with its own concurrency, so
    that live uploads do not wait. A journal in .ops lets --resume go on, and status count. What is current costs the
    worker almost nothing, so running it twice does no harm; --outdated asks the output bucket first, picture by picture, and
    leaves it out, and what would only be rejected again. Exit status 1 if AWS did not take every message, or the canary
    failed.

    \b
    Examples:
      python -m ops --stack local backfill --dry-run
      python -m ops --stack local backfill --outdated --looks
      python -m ops --stack local backfill --prefix cats/ --rate 100
      python -m ops --stack local backfill --resume
    """  # noqa: D301 - click's marker is the control character, not a backslash
    selection = Selection(session.judge, prefix, outdated, looks)
    if resume:
        return _resume(session, selection, rate, as_json=as_json)
    plan, first = _plan(session, selection, canary)
    question = None if dry_run or not plan.seen.chosen else plan.question or "Send them?"
    if not agreed(plan, question, yes=yes or plan.question is None, as_json=as_json):
        if not dry_run and not plan.seen.chosen:
            with closing(_journal(session, selection, plan.seen)) as journal:
                journal.finish(0)
        say("Nothing was sent.")
        return 0
    with closing(_journal(session, selection, plan.seen)) as journal:
        is_tried = outdated or len(first) < plan.seen.chosen
        sent = _canary(session, selection, first if is_tried else [], patience, journal)
        if sent is None:
            return 1
        return _send(session, selection, rate, journal, plan.seen.listed, plan.seen.chosen, sent, as_json=as_json)


def _plan(session: Session, selection: Selection, canary: int) -> tuple[BackfillPlan, list[Listed]]:
    """Look at everything once; return the plan, and the pictures of the canary."""
    seen, first = Seen(), Canary(session.deployment.recipes, canary)
    examples: list[str] = []
    with progress("looked at", None) as advance:
        for listed, decision in selection.chosen(seen):
            first.offer(listed, failed=decision.failed)
            if len(examples) < _EXAMPLES:
                examples.append(listed.key)
            advance(1)
    plan = BackfillPlan(seen, tuple(examples), selection.outdated, session.deployment, session.stack.backfill)
    return plan, first.chosen


def _journal(session: Session, selection: Selection, seen: Seen) -> BackfillJournal:
    head = {
        "source_bucket": session.stack.source_bucket,
        "prefix": selection.prefix,
        "only_outdated": selection.outdated,
        "looks": selection.looks,
        "recipes": mark_of(session.deployment.recipes),
        "listed": seen.listed,
        "pictures": seen.listed - seen.ignored,
        "outdated": seen.chosen,
        "at": session.now().isoformat(),
    }
    return BackfillJournal.start(DIRECTORY, f"{session.now():%Y%m%dT%H%M%S%f}", head)


def _canary(
    session: Session, selection: Selection, first: list[Listed], patience: float, journal: BackfillJournal
) -> frozenset[str] | None:
    """Send the canary and wait for it; return its keys, or None after saying what is wrong with it."""
    tried, known = triable(selection, first)
    if not tried:
        return frozenset()
    sender = Backfill(session.stack.source_bucket, session.backfill_queue, RateLimit(None), looks=selection.looks)
    sender.run(listed.key for listed in tried)
    journal.note_canary(len(tried))
    say(f"Sent the canary of {len(tried)}; waiting until it is current ...")
    failures = failures_of(replace(selection, outdated=True), tried, patience)
    for key, why in sorted(failures.items()):
        say(f"  {key}: {why}")
    if failures and not are_of_pictures(failures, known, len(tried)):
        where = session.command("where", "--", next(iter(failures)))
        say(f"The canary failed, so the others were not sent. See {where}")
        return None
    return frozenset(listed.key for listed in tried)


def _resume(session: Session, selection: Selection, rate: float | None, *, as_json: bool) -> int:
    if selection.prefix or selection.outdated or selection.looks:
        raise Misuse("--resume goes on as it was begun: leave out --prefix, --outdated and --looks.")
    run = interrupted(DIRECTORY, session.stack.source_bucket, session.deployment.recipes)
    selection = replace(selection, prefix=run.prefix, outdated=run.outdated, looks=run.looks, after=run.last)
    say(f"Going on after {run.last}: {run.sent:,} of {run.chosen:,} are sent.")
    with closing(BackfillJournal.resume(run.path)) as journal:
        return _send(session, selection, rate, journal, run.listed, run.chosen - run.sent, frozenset(), as_json=as_json)


def _send(
    session: Session,
    selection: Selection,
    rate: float | None,
    journal: BackfillJournal,
    listed: int,
    to_go: int,
    before: frozenset[str],
    *,
    as_json: bool,
) -> int:
    """Send everything but what was sent `before`, of so many pictures that are listed, and messages that are still to go."""
    with progress("enqueued", to_go - len(before)) as advance:

        def note(count: int) -> None:
            journal.sent(count)
            advance(count)

        limit = RateLimit(rate)
        sender = Backfill(session.stack.source_bucket, session.backfill_queue, limit, note, looks=selection.looks)
        try:
            enqueued = sender.run(journal.noting(key for key in selection.keys(Seen()) if key not in before))
        except (KeyboardInterrupt, OpsError):
            say(f"Not everything was sent. To go on: {session.command('backfill', '--resume')}")
            raise
    enqueued.sent += len(before)
    journal.finish(enqueued.refused.total())
    _show_result(enqueued, listed, as_json=as_json)
    return int(bool(enqueued.refused))


def _show_result(enqueued: Enqueued, listed: int, *, as_json: bool) -> None:
    if as_json:
        emit({"listed": listed, "enqueued": enqueued.sent, "refused": dict(enqueued.refused)})
        return
    refused = [f"  not taken     {count} {why}" for why, count in sorted(enqueued.refused.items())]
    show([f"pictures        {listed:,}", f"  enqueued      {enqueued.sent:,}", *refused])
