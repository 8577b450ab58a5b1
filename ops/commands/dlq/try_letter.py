"""`dlq try`: what the worker would do about a dead letter's picture now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.dry_run import dry_run_of
from ops.dead_letters.next_step import FIRST
from ops.dead_letters.selection import find
from ops.terminal.output import emit, say, show
from worker.contracts.errors import MalformedEvent

if TYPE_CHECKING:
    from ops.session import Session


@click.command("try")
@click.argument("letter_id", metavar="ID")
@options.as_json
@click.pass_obj
def try_(session: Session, letter_id: str, *, as_json: bool) -> int:
    """Run the worker here on the picture of one dead letter, and show what would happen and why.

    The same code, with the renditions, memory and timeout that are deployed, on what the source bucket holds now.
    Nothing is written to AWS, so what the worker's role may not do is not seen. Exit status 0 if the picture can be rendered,
    1 if it would fail again.

    \b
    Examples:
      python -m ops --stack local dlq try 3f2a9c1e
    """  # noqa: D301 - same
    letter = find(session, letter_id)
    keys = letter.keys(session.stack.source_bucket)
    if not keys:
        say("The message names no key of this pipeline's source bucket: a redrive would fail with malformed-event.")
        if as_json:
            emit({"result": "rejected", "reason": MalformedEvent.reason})
        return 1
    dry_runs = [dry_run_of(key, session.pictures, session.deployment) for key in keys]
    for dry_run in dry_runs:
        if as_json:
            emit(dry_run.to_json())
        else:
            show(dry_run.lines())
    if letter.reason in FIRST:
        say(f"Unless it is done, a redrive fails all the same: {FIRST[letter.reason]}.")
    return int(not all(dry_run.is_good for dry_run in dry_runs))
