"""`dlq list`: every dead letter with its verdict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from ops.commands import options
from ops.dead_letters.groups import Groups, order
from ops.dead_letters.listing import HEADER, INCOMPLETE, Lister, letters, summary
from ops.dead_letters.selection import select
from ops.queues.letter import NO_REASON
from ops.queues.sweep import Sweep
from ops.terminal.output import emit, say, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ops.dead_letters.filters import Filters
    from ops.queues.letter import Letter
    from ops.session import Session

_NOT_JUDGED: Final = "not judged"


@click.command("list")
@options.filters
@click.option("--no-verdict", is_flag=True, help="Do not read the buckets: faster, two requests a letter less.")
@options.as_json
@click.pass_obj
def list_(session: Session, *, filters: Filters, no_verdict: bool, as_json: bool) -> int:
    """List the dead letters by what is to be done about them: first each group with the command that comes next, then every letter.

    \b
    The verdicts, and what to do about each:
      retry          redrive
      no-answer      no reason: the worker never replied; read its log, redrive
      archived       restore the source; it is rendered as soon as it can be read
      restoring      S3 is restoring it; wait
      permanent      another picture or another configuration is needed; replace, or purge
      ignored        the recipes leave its folder alone; purge
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
    _note_hidden(session)
    with Sweep(session.dead_letters) as sweep:
        found = select(session, sweep, filters, judged=not no_verdict)
        verdicts = _emit(session, found) if as_json else _show(session, found)
        if not sweep.is_complete:
            say(INCOMPLETE)
        say(summary(verdicts, len(sweep.ids), filters.describe()))
    return int(bool(verdicts))


def _emit(session: Session, found: Iterable[tuple[Letter, str | None]]) -> Counter[str]:
    """Print a document for each letter as it comes, and return how many there are of each verdict."""
    lister, verdicts = Lister.of(session), Counter[str]()
    for letter, verdict in found:
        verdicts[verdict or _NOT_JUDGED] += 1
        emit(lister.document(letter, verdict))
    return verdicts


def _show(session: Session, found: Iterable[tuple[Letter, str | None]]) -> Counter[str]:
    """Print groups, then a line for each letter in their order; return how many there are of each verdict."""
    lister, groups, rows = Lister.of(session), Groups(), []
    for letter, verdict in found:
        groups.add(verdict, letter.reason, letter.keys(lister.bucket))
        rows.append((*order(verdict, letter.reason or NO_REASON), lister.line(letter, verdict)))
    if rows:
        show([*groups.lines(session), "", HEADER])
        show(line for *_, line in sorted(rows))
    return groups.verdicts(_NOT_JUDGED)


def _note_hidden(session: Session) -> None:
    hidden = session.dead_letters.depth().hidden
    if hidden:
        say(f"{letters(hidden)} hidden: somebody else is looking at them just now, and they are not listed.")
