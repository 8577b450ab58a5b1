"""`rejects`: the pictures that are rejected, whether or not a dead letter tells of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.next_step import cure
from ops.health.rejects import rejected
from ops.terminal.output import emit, say, show

if TYPE_CHECKING:
    from ops.session import Session


@click.command()
@click.option("--reason", "reasons", multiple=True, metavar="CODE", help="Of this reason alone. Can be repeated.")
@options.as_json
@click.pass_obj
def rejects(session: Session, *, reasons: tuple[str, ...], as_json: bool) -> int:
    """List the pictures that are rejected as they are now, by reason, those without a dead letter too.

    A purge deletes letters, no pictures: they stay rejected until they are replaced, deleted, or made by another configuration.
    backfill --outdated leaves them out as long as neither has changed. Exit status 1 if there is any.

    \b
    Examples:
      python -m ops --stack local rejects
      python -m ops --stack local rejects --reason truncated --json
    """  # noqa: D301 - click's marker is the control character, not a backslash
    counts = Counter[str]()
    for each in rejected(session.pictures, reasons):
        counts[each.manifest.reason] += 1
        if as_json:
            emit(each.to_json())
        else:
            show([each.line()])
    for reason, count in sorted(counts.items()):
        say(f"{count:>7}  {reason:<19}  next: {cure(session, reason)}")
    say(
        "No picture is rejected."
        if not counts
        else f"To try one again as it is: {session.command('backfill', '--prefix', 'KEY')}"
    )
    return int(bool(counts))
