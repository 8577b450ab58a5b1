"""Dead letters by verdict and reason: how many, below which folder, and what to do about them. Pure, but for the session's commands."""

from __future__ import annotations

from collections import Counter
from os.path import commonprefix
from typing import TYPE_CHECKING

from ops.dead_letters.next_step import next_step
from ops.dead_letters.verdict import VERDICTS
from ops.queues.letter import NO_REASON

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ops.session import Session

_Kind = tuple[str | None, str]


class Groups:
    """Counts letters as they come."""

    def __init__(self) -> None:
        self._counts: Counter[_Kind] = Counter()
        self._folders: dict[_Kind, str] = {}

    def add(self, verdict: str | None, reason: str | None, keys: Sequence[str]) -> None:
        """Count one letter; `verdict` is None where it was not judged."""
        kind = verdict, reason or NO_REASON
        self._counts[kind] += 1
        for key in keys:
            folder = commonprefix([self._folders.get(kind, key), key])  # noqa: RUF071 - by character; cut at a slash below.
            self._folders[kind] = folder[: folder.rfind("/") + 1]

    def verdicts(self, otherwise: str) -> Counter[str]:
        """Return how many letters there are of each verdict, and of none under `otherwise`."""
        found = Counter[str]()
        for (verdict, _), count in self._counts.items():
            found[verdict or otherwise] += count
        return found

    def lines(self, session: Session) -> Iterator[str]:
        """Yield two lines for each group, those that need an operator most first: what there is, and what to do."""
        for (verdict, reason), count in sorted(self._counts.items(), key=lambda group: order(*group[0])):
            folder = self._folders.get((verdict, reason), "")
            yield f"{count:>7}  {verdict or '-':<13}  {reason:<19}  {folder}".rstrip()
            if verdict:
                yield f"{'':9}next: {next_step(session, verdict, reason)}"


def order(verdict: str | None, reason: str) -> tuple[int, str]:
    """Return the place of a letter in a list."""
    return (VERDICTS.index(verdict) if verdict else len(VERDICTS)), reason
