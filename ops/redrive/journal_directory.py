"""The directory of journals, `.ops`: where a new one goes, and which an earlier redrive left unfinished."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ops.redrive.journal import Journal
from ops.redrive.journal_state import queue_of, read
from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from ops.redrive.plan import Plan
    from ops.session import Session

DIRECTORY: Final = Path(".ops")


def begin(session: Session, plan: Plan, path: Path | None = None) -> Journal:
    """Start the journal of `plan` at `path`, or in a new file in the directory.

    Raises:
        Misuse: There is a file already, or none can be written.
    """
    stack, now = session.stack, session.now()
    urls = {"dead_letter_queue_url": stack.dead_letter_queue_url, "queue_url": stack.queue_url}
    head = {**urls, "stack": stack.arguments, "at": now.isoformat()}
    return Journal.start(path or DIRECTORY / f"redrive-{now:%Y%m%dT%H%M%S%f}.jsonl", head, plan.chosen)


def to_resume(session: Session) -> Path:
    """Return the stack's oldest journal that is unfinished.

    Raises:
        Misuse: None is.
    """
    paths = unfinished(DIRECTORY, session.stack.dead_letter_queue_url)
    if not paths:
        name = session.stack.name
        raise Misuse(f"No redrive of the stack {name} is unfinished; name its journal with --journal.")
    return paths[0]


def refuse_unfinished(session: Session) -> None:
    """Refuse to begin while letters that were sent may still be dead letters: they would be sent twice.

    Raises:
        Misuse: There are such letters.
    """
    for path in unfinished(DIRECTORY, session.stack.dead_letter_queue_url):
        if read(path).has_sent_but_undeleted:
            raise Misuse(
                f"An earlier redrive was interrupted; finish it first: {session.command('redrive', '--resume')}"
                f" (its journal is {path})"
            )


def unfinished(directory: Path, dead_letter_queue_url: str) -> list[Path]:
    """Return the journals in `directory` that an earlier redrive of this queue left unfinished, the oldest first.

    Raises:
        Misuse: One of this queue has a line that is none of a journal's.
    """
    journals = sorted(directory.glob("redrive-*.jsonl"))
    return [path for path in journals if queue_of(path) == dead_letter_queue_url and not read(path).is_finished]
