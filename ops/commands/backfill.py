"""`backfill`: have the worker reconcile pictures that are there already."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from ops.commands import options
from ops.pictures.backfill import Backfill, Enqueued, Seen, Selection
from ops.queues.rate import RateLimit
from ops.terminal.output import emit, progress, say, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.session import Session

_EXAMPLES: Final = 5


@click.command()
@click.option("--prefix", default="", metavar="P", help="Only keys that start with this.")
@click.option("--outdated", is_flag=True, help="Only pictures whose manifest is of another recipe or another ETag.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Messages a second at most.")
@options.dry_run
@options.as_json
@click.pass_obj
def backfill(session: Session, *, prefix: str, outdated: bool, rate: float | None, dry_run: bool, as_json: bool) -> int:
    """Have the worker reconcile pictures that are in the source bucket already.

    After a change of the renditions, or for pictures that were there before the pipeline. The messages go to a queue of
    their own with its own concurrency, so that live uploads do not wait. What is current costs the worker almost
    nothing, so running it twice does no harm. Exit status 1 if AWS did not take every message.

    \b
    Examples:
      python -m ops --stack local backfill --outdated --dry-run
      python -m ops --stack local backfill --prefix cats/ --rate 100
    """  # noqa: D301 - click's marker is the control character, not a backslash
    selection = Selection(session.pictures, prefix, session.deployment.recipe if outdated else None)
    seen = Seen()
    keys = selection.keys(seen)
    if dry_run:
        _show_plan(keys, seen, as_json=as_json)
        return 0
    with progress("enqueued", None) as advance:
        enqueued = Backfill(session.stack.source_bucket, session.backfill_queue, RateLimit(rate), advance).run(keys)
    _show_result(enqueued, seen, as_json=as_json)
    return int(bool(enqueued.refused))


def _show_plan(keys: Iterator[str], seen: Seen, *, as_json: bool) -> None:
    examples = list(islice(keys, _EXAMPLES))
    for _ in keys:  # Counts them in `seen`.
        pass
    if as_json:
        emit({"listed": seen.listed, "chosen": seen.chosen, "examples": examples})
    else:
        show([f"pictures        {seen.listed}", f"  to look at    {seen.chosen}", *(f"    {key}" for key in examples)])
        show(["    ..."] if seen.chosen > len(examples) else [])
    say("Nothing was sent.")


def _show_result(enqueued: Enqueued, seen: Seen, *, as_json: bool) -> None:
    if as_json:
        emit({"listed": seen.listed, "enqueued": enqueued.sent, "refused": dict(enqueued.refused)})
        return
    refused = [f"  not taken     {count} {why}" for why, count in sorted(enqueued.refused.items())]
    show([f"pictures        {seen.listed}", f"  enqueued      {enqueued.sent}", *refused])
