"""`audit`: find the pictures whose events were lost, and have them handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from ops.commands import options
from ops.pictures.audit import Audit, Found
from ops.pictures.backfill.backfill import Backfill, Enqueued
from ops.queues.rate import RateLimit
from ops.terminal.output import emit, progress, show
from worker.audit.wounds import TOO_YOUNG, WOUNDS

if TYPE_CHECKING:
    from ops.session import Session

_SETTLED_AFTER: Final = 3600


@click.command()
@click.option("--prefix", default="", metavar="P", help="Only keys that start with this.")
@click.option(
    "--settled-after",
    type=click.FloatRange(min=0),
    default=_SETTLED_AFTER,
    show_default=True,
    metavar="SECONDS",
    help="Leave out what is younger: it may be under way.",
)
@options.dry_run
@options.as_json
@click.pass_obj
def audit(session: Session, *, prefix: str, settled_after: float, dry_run: bool, as_json: bool) -> int:
    """Compare the two buckets, and have the worker handle what does not match.

    Sources without current outputs, and outputs without a source, go to the backfill queue; not what is rejected or
    expired. Exit status 1 if it found anything.

    \b
    Examples:
      python -m ops --stack local audit --dry-run
    """  # noqa: D301 - click's marker is the control character, not a backslash
    found, enqueued = Found(), Enqueued()
    judge = Audit(session.clients, session.stack, session.deployment.recipes, settled_after, session.now().timestamp())
    with progress("compared", None) as advance:
        hints = judge.hints(prefix, found, advance)
        if dry_run:
            for _ in hints:  # Counts them in `found`.
                pass
        else:
            enqueued = Backfill(session.stack.source_bucket, session.backfill_queue, RateLimit(None)).send(hints)
    if as_json:
        emit(_document(found, enqueued))
    else:
        show(_lines(found, enqueued, settled_after, dry_run=dry_run))
    return int(bool(found.wounds))


def _document(found: Found, enqueued: Enqueued) -> dict[str, Any]:
    return {
        "pictures": dict(sorted(found.counts.items())),
        "examples": found.examples,
        "enqueued": enqueued.sent,
        "refused": dict(enqueued.refused),
    }


def _lines(found: Found, enqueued: Enqueued, settled_after: float, *, dry_run: bool) -> list[str]:
    others = sorted(set(found.counts) - {*WOUNDS, TOO_YOUNG})
    young = found.counts[TOO_YOUNG]
    lines = [f"pictures        {found.counts.total():,}", *(f"  {kind:<14}{found.counts[kind]:,}" for kind in others)]
    lines += [f"  not judged    {young:,}, changed within --settled-after {settled_after:g} seconds"] if young else []
    for kind in (each for each in WOUNDS if found.counts[each]):
        lines += [f"  {kind:<14}{found.counts[kind]:,}", *(f"    {key}" for key in found.examples[kind])]
        lines += ["    ..."] if found.counts[kind] > len(found.examples[kind]) else []
    sent = [] if dry_run else [f"enqueued        {enqueued.sent:,}"]
    return [*lines, *sent, *(f"  not taken     {count} {why}" for why, count in sorted(enqueued.refused.items()))]
