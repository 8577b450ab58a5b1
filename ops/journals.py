"""The directory of journals, `.ops`: where a new one goes, and which an earlier redrive left unfinished."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ops.errors import Misuse
from ops.record import read

if TYPE_CHECKING:
    from ops.session import Session

DIRECTORY: Final = Path(".ops")


@dataclass(frozen=True)
class Journals:
    """The journals in `directory` of one stack."""

    session: Session
    directory: Path = DIRECTORY

    def new(self) -> Path:
        """Return where a new journal goes."""
        return self.directory / f"redrive-{self.session.now():%Y%m%dT%H%M%S%f}.jsonl"

    def to_resume(self) -> Path:
        """Return the oldest that is unfinished.

        Raises:
            Misuse: None is.
        """
        paths = unfinished(self.directory, self.session.stack.dead_letter_queue_url)
        if not paths:
            name = self.session.stack.name
            raise Misuse(f"No redrive of the stack {name} is unfinished; name its journal with --journal.")
        return paths[0]

    def refuse_unfinished(self) -> None:
        """Refuse to begin while letters that were sent may still be dead letters: they would be sent twice.

        Raises:
            Misuse: There are such letters.
        """
        for path in unfinished(self.directory, self.session.stack.dead_letter_queue_url):
            if read(path).in_limbo:
                raise Misuse(
                    f"An earlier redrive was interrupted; finish it first: {self.session.command('redrive --resume')}"
                    f" (its journal is {path})"
                )


def unfinished(directory: Path, dead_letter_queue_url: str) -> list[Path]:
    """Return the journals in `directory` that an earlier redrive of this queue left unfinished, the oldest first."""
    found = []
    for path in sorted(directory.glob("redrive-*.jsonl")):
        try:
            record = read(path)
        except Misuse:
            continue  # Ended before its first line was complete: nothing had been sent.
        if not record.is_finished and record.head["dead_letter_queue_url"] == dead_letter_queue_url:
            found.append(path)
    return found
