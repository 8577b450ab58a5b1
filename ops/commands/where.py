"""`where`: everything about one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.pictures.where.advice import advise
from ops.pictures.where.look import picture_state
from ops.terminal.output import emit, show

if TYPE_CHECKING:
    from ops.session import Session


@click.command()
@click.argument("key")
@options.as_json
@click.pass_obj
def where(session: Session, key: str, *, as_json: bool) -> int:
    """Show everything about one picture: source, manifest, renditions, dead letters, and what to do.

    \b
    The states:
      ready          every rendition is of the source and recipe that there are now
      absent         neither source nor outputs are there
      dead-lettered  a dead letter is about it
      rejected       the worker refused this very version, and its letter is gone
      ignored        the configuration leaves its folder alone
      outdated       of a former recipe: backfill it
      queued         not current, and messages are waiting (the queue itself cannot be searched)
      lost           not current, and nothing is on its way: backfill it

    Of a queued picture, and of one whose letter has no reason, the worker's log of the last day says what became of the last attempt.

    Exit status 0 for ready, absent and ignored, 1 for the others.

    \b
    Examples:
      python -m ops --stack local where cats/tom.jpg
      python -m ops --stack local where 'cats/tom & jerry.jpg' --json
    """  # noqa: D301 - click's marker is the control character, not a backslash
    picture = picture_state(session, key)
    advice = advise(picture, session)
    if as_json:
        emit(picture.to_json(advice))
    else:
        show(picture.lines(advice))
    return int(not picture.is_fine)
