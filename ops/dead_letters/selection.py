"""The dead letters that filters select, with their verdicts, from a sweep of the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.queues.sweep import Sweep
from ops.terminal.errors import NoLetter
from ops.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.dead_letters.filters import Filters
    from ops.queues.letter import Letter
    from ops.session import Session

_MIN_ID_LENGTH: Final = 4
_FULL_ID_LENGTH: Final = 36


def select(session: Session, sweep: Sweep, filters: Filters, *, judged: bool) -> Iterator[tuple[Letter, str | None]]:
    """Yield the letters that all filters select; verdicts are None unless `judged` or filtered by.

    Args:
        session: Of the command.
        sweep: Receives the letters.
        filters: What to select.
        judged: Whether the caller wants verdicts: they cost two requests a letter.

    Raises:
        Refusal: AWS does not show the letters or the pictures.
    """
    now = session.now()
    found = (letter for letter in _seen(sweep) if filters.select(letter, session.stack.source_bucket, now))
    if not judged and not filters.verdicts:
        for letter in found:
            yield letter, None
        return
    for letter, verdict in session.judge.each(found):
        if not filters.verdicts or verdict in filters.verdicts:
            yield letter, verdict


def _seen(sweep: Sweep) -> Iterator[Letter]:
    """Yield every letter; say at the end how many others hide."""
    yield from sweep.letters()
    if sweep.hidden_by_others:
        say(
            f"{sweep.hidden_by_others} more are hidden by another command, or by one that was killed: they were not seen."
            " Try again in a minute or two."
        )


def find(session: Session, id_: str) -> Letter:
    """Return the one dead letter whose id is `id_` or starts with it.

    Raises:
        NoLetter: There is none, or several.
        Refusal: AWS does not show the letters.
    """
    if len(id_) < _MIN_ID_LENGTH:
        raise NoLetter(
            f"{id_!r} is too short: give at least {_MIN_ID_LENGTH} characters of the id that dlq list shows."
        )
    found = []
    with Sweep(session.dead_letters) as sweep:
        for letter in sweep.letters():
            if letter.id.startswith(id_):
                found.append(letter)
            if len(id_) == _FULL_ID_LENGTH and found:
                break
    if not found:
        raise NoLetter(
            f"No dead letter has an id that starts with {id_}. {session.command('dlq', 'list')} shows those that there are;"
            " one that somebody is looking at just now is hidden for a minute."
        )
    if len(found) > 1:
        raise NoLetter(f"{len(found)} dead letters have ids that start with {id_}: give more of it.")
    return found[0]
