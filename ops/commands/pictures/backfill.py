"""`backfill`: have the worker reconcile pictures that are there already."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from ops.commands import options
from ops.pictures.backfill import Backfill, Enqueued, Seen, Selection
from ops.pictures.backfill_canary import Canary, failures_of
from ops.pictures.backfill_journal import BackfillJournal, mark_of
from ops.queues.rate import RateLimit
from ops.redrive.journal_directory import DIRECTORY
from ops.terminal.output import emit, progress, say, show
from ops.terminal.prompts import agreed

if TYPE_CHECKING:
    from ops.session import Session
    from ops.stack.picture import Listed

_EXAMPLES: Final = 5


@dataclass(frozen=True)
class BackfillPlan:
    """What a backfill is about to do; `examples` are keys."""

    seen: Seen
    examples: tuple[str, ...]
    outdated: bool

    def lines(self) -> list[str]:
        """Return it for people."""
        seen = self.seen
        return [
            f"pictures        {seen.listed:,}",
            f"  to look at    {seen.chosen:,}",
            *(f"    {key}" for key in self.examples),
            *(["    ..."] if seen.chosen > len(self.examples) else []),
            *([f"  ignored       {seen.ignored:,}, by the recipes"] if seen.ignored else []),
            *([f"  rejected      {seen.rejected:,}, and would be again"] if seen.rejected else []),
            *(f"  deletes       {count:,} {name}" for name, count in sorted(seen.deletes.items())),
            *([] if self.outdated else ["  deletes       what no recipe names any more; --outdated counts it"]),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        seen = self.seen
        return {
            "listed": seen.listed,
            "chosen": seen.chosen,
            "ignored": seen.ignored,
            "rejected": seen.rejected,
            "deletes": dict(sorted(seen.deletes.items())),
            "examples": list(self.examples),
        }


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
    help="With --outdated, pictures to send first; the rest only if these become current.",
)
@options.patience
@options.dry_run
@options.without_asking
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
    as_json: bool,
) -> int:
    """Have the worker reconcile pictures that are in the source bucket already.

    After a change of the renditions, or for pictures that were there before the pipeline. The messages go to a queue of
    their own with its own concurrency, so that live uploads do not wait. What is current costs the worker almost
    nothing, so running it twice does no harm. Renditions that no recipe names any more are deleted: --outdated lists them,
    and asks. It leaves out pictures that would only be rejected again, sends a canary first, and keeps a journal in .ops for
    status. Exit status 1 if AWS did not take every message, or the canary failed.

    \b
    Examples:
      python -m ops --stack local backfill --outdated --dry-run
      python -m ops --stack local backfill --outdated --looks
      python -m ops --stack local backfill --prefix cats/ --rate 100
    """  # noqa: D301 - click's marker is the control character, not a backslash
    selection = Selection(session.judge, prefix, outdated, looks)
    if not dry_run and not outdated:
        return _send(session, selection, rate, as_json=as_json)
    plan, first = _plan(selection, canary)
    question = f"Send {plan.seen.chosen:,}, and delete what is listed?" if plan.seen.deletes else "Send them?"
    if not agreed(
        plan,
        question if plan.seen.chosen and not dry_run else None,
        yes=yes or not plan.seen.deletes,
        as_json=as_json,
    ):
        if not dry_run and not plan.seen.chosen:
            with closing(_journal(session, selection, plan.seen)) as journal:
                journal.finish(0)
        say("Nothing was sent.")
        return 0
    with closing(_journal(session, selection, plan.seen)) as journal:
        if first and not _canary_is_well(session, selection, first, patience, journal):
            return 1
        return _send(session, selection, rate, as_json=as_json, journal=journal, before=len(first))


def _plan(selection: Selection, canary: int) -> tuple[BackfillPlan, list[Listed]]:
    """Look at everything once; return the plan, and the pictures of the canary."""
    seen, first = Seen(), Canary(selection.judge.deployment.recipes, canary)
    examples: list[str] = []
    with progress("looked at", None) as advance:
        for listed, decision in selection.chosen(seen):
            first.offer(listed, failed=decision.failed)
            if len(examples) < _EXAMPLES:
                examples.append(listed.key)
            advance(1)
    return BackfillPlan(seen, tuple(examples), selection.outdated), first.chosen


def _journal(session: Session, selection: Selection, seen: Seen) -> BackfillJournal:
    head = {
        "source_bucket": session.stack.source_bucket,
        "prefix": selection.prefix,
        "recipes": mark_of(session.deployment.recipes),
        "pictures": seen.listed - seen.ignored,
        "outdated": seen.chosen,
        "at": session.now().isoformat(),
    }
    return BackfillJournal.start(DIRECTORY, f"{session.now():%Y%m%dT%H%M%S%f}", head)


def _canary_is_well(
    session: Session, selection: Selection, first: list[Listed], patience: float, journal: BackfillJournal
) -> bool:
    """Send the canary and wait for it; say what is wrong with it."""
    keys = journal.noting(listed.key for listed in first)
    sender = Backfill(session.stack.source_bucket, session.backfill_queue, RateLimit(None), looks=selection.looks)
    sender.run(keys)
    journal.note_sent()
    say(f"Sent the canary of {len(first)}; waiting until it is current ...")
    failures = failures_of(selection, first, patience)
    for key, why in sorted(failures.items()):
        say(f"  {key}: {why}")
    if failures:
        say(
            f"The canary failed, so the others were not sent. See {session.command('where', '--', next(iter(failures)))}"
        )
    return not failures


def _send(
    session: Session,
    selection: Selection,
    rate: float | None,
    *,
    as_json: bool,
    journal: BackfillJournal | None = None,
    before: int = 0,
) -> int:
    """Send everything; `before` messages were sent by the canary."""
    seen = Seen()
    keys = selection.keys(seen)
    with progress("enqueued", None) as advance:
        limit = RateLimit(rate)
        sender = Backfill(session.stack.source_bucket, session.backfill_queue, limit, advance, looks=selection.looks)
        enqueued = sender.run(journal.noting(keys) if journal else keys)
    enqueued.sent += before
    if journal:
        journal.finish(enqueued.refused.total())
    _show_result(enqueued, seen, as_json=as_json)
    return int(bool(enqueued.refused))


def _show_result(enqueued: Enqueued, seen: Seen, *, as_json: bool) -> None:
    if as_json:
        emit({"listed": seen.listed, "enqueued": enqueued.sent, "refused": dict(enqueued.refused)})
        return
    refused = [f"  not taken     {count} {why}" for why, count in sorted(enqueued.refused.items())]
    show([f"pictures        {seen.listed}", f"  enqueued      {enqueued.sent}", *refused])
