"""`backfill`: have the worker reconcile pictures that are there already."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import click

from ops.commands import options
from ops.pictures.backfill import Backfill, Enqueued, Seen, Selection
from ops.queues.rate import RateLimit
from ops.terminal.output import emit, progress, say, show
from ops.terminal.prompts import agreed

if TYPE_CHECKING:
    from ops.session import Session

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
@click.option("--outdated", is_flag=True, help="Only pictures whose manifest is of another recipe or another ETag.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Messages a second at most.")
@options.dry_run
@options.without_asking
@options.as_json
@click.pass_obj
def backfill(
    session: Session, *, prefix: str, outdated: bool, rate: float | None, dry_run: bool, yes: bool, as_json: bool
) -> int:
    """Have the worker reconcile pictures that are in the source bucket already.

    After a change of the renditions, or for pictures that were there before the pipeline. The messages go to a queue of
    their own with its own concurrency, so that live uploads do not wait. What is current costs the worker almost
    nothing, so running it twice does no harm. Renditions that no recipe names any more are deleted: --outdated lists them,
    and asks. It leaves out pictures that would only be rejected again. Exit status 1 if AWS did not take every message.

    \b
    Examples:
      python -m ops --stack local backfill --outdated --dry-run
      python -m ops --stack local backfill --prefix cats/ --rate 100
    """  # noqa: D301 - click's marker is the control character, not a backslash
    selection = Selection(session.judge, prefix, outdated)
    if dry_run or outdated:
        plan = _plan(selection)
        question = f"Send {plan.seen.chosen:,}, and delete what is listed?" if plan.seen.deletes else "Send them?"
        if not agreed(
            plan,
            question if plan.seen.chosen and not dry_run else None,
            yes=yes or not plan.seen.deletes,
            as_json=as_json,
        ):
            say("Nothing was sent.")
            return 0
    seen = Seen()
    with progress("enqueued", None) as advance:
        sender = Backfill(session.stack.source_bucket, session.backfill_queue, RateLimit(rate), advance)
        enqueued = sender.run(selection.keys(seen))
    _show_result(enqueued, seen, as_json=as_json)
    return int(bool(enqueued.refused))


def _plan(selection: Selection) -> BackfillPlan:
    seen = Seen()
    keys = selection.keys(seen)
    with progress("looked at", None) as advance:
        examples = tuple(islice(keys, _EXAMPLES))
        advance(len(examples))
        for _ in keys:  # Counts them in `seen`.
            advance(1)
    return BackfillPlan(seen, examples, selection.outdated)


def _show_result(enqueued: Enqueued, seen: Seen, *, as_json: bool) -> None:
    if as_json:
        emit({"listed": seen.listed, "enqueued": enqueued.sent, "refused": dict(enqueued.refused)})
        return
    refused = [f"  not taken     {count} {why}" for why, count in sorted(enqueued.refused.items())]
    show([f"pictures        {seen.listed}", f"  enqueued      {enqueued.sent}", *refused])
