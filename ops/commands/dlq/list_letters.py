"""`dlq list`: every dead letter with its verdict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.listing import HEADER, INCOMPLETE, Lister, letters, summary
from ops.dead_letters.selection import select
from ops.queues.sweep import Sweep
from ops.terminal.output import emit, say, show

if TYPE_CHECKING:
    from ops.dead_letters.filters import Filters
    from ops.session import Session


@click.command("list")
@options.filters
@click.option("--no-verdict", is_flag=True, help="Do not read the buckets: faster, two requests a letter less.")
@options.as_json
@click.pass_obj
def list_(session: Session, *, filters: Filters, no_verdict: bool, as_json: bool) -> int:
    """List every dead letter, with a verdict by what the buckets have now.

    \b
    The verdicts, and what to do about each:
      retry          redrive
      no-answer      no reason: the worker never replied; read its log, redrive
      archived       restore the source; it is rendered as soon as it can be read
      restoring      S3 is restoring it; wait
      permanent      another picture or another configuration is needed; replace, or purge
      superseded     a newer version came since, and has its own event; wait, then purge
      source-gone    the source is deleted; purge
      already-ready  all outputs are current; purge

    With --json, one document a line. Exit status 1 if any letter is listed.

    \b
    Examples:
      python -m ops --stack local dlq list
      python -m ops --stack local dlq list --verdict retry --older-than 1h
      python -m ops --stack local dlq list --key 'cats/*' --json
    """  # noqa: D301 - click's marker is the control character, not a backslash
    lister = Lister.of(session)
    verdicts: Counter[str] = Counter()
    _note_hidden(session)
    if not as_json:
        show([HEADER])
    with Sweep(session.dead_letters) as sweep:
        for letter, verdict in select(session, sweep, filters, judged=not no_verdict):
            verdicts[verdict or "not judged"] += 1
            if as_json:
                emit(lister.document(letter, verdict))
            else:
                show([lister.line(letter, verdict)])
        if not sweep.is_complete:
            say(INCOMPLETE)
    say(summary(verdicts))
    return int(bool(verdicts))


def _note_hidden(session: Session) -> None:
    hidden = session.dead_letters.depth().hidden
    if hidden:
        say(f"{letters(hidden)} hidden: somebody else is looking at them just now, and they are not listed.")
