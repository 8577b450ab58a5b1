"""Walks through both buckets and says what is wrong, in constant memory. Sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from worker.audit.side_by_side import SideBySide
from worker.audit.wounds import Look, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from worker.audit.buckets import Buckets
    from worker.audit.side_by_side import Picture
    from worker.audit.wounds import Judge

    RunAll = Callable[[Sequence[Callable[[], Any]]], list[Any]]

_CHUNK: Final = 1000
"""Pictures that are judged together: their looks are made in parallel."""


@dataclass(frozen=True)
class Judged:
    """A picture and what is to be said of it."""

    picture: Picture
    verdict: Verdict


@dataclass
class Patrol:
    """One walk.

    Attributes:
        buckets: Both.
        judge: Of the pictures.
        run_all: Makes requests of which none depends on another, and returns their answers in order.
        where: The place that was reached: everything before it has been yielded, and was handled when the next is asked for.
        looks: Requests for marks that were made.
    """

    buckets: Buckets
    judge: Judge
    run_all: RunAll
    where: SideBySide = field(default_factory=SideBySide)
    looks: int = 0

    def chunks(self, prefix: str = "") -> Iterator[list[Judged]]:
        """Yield pictures in the order of their keys, many at a time; `prefix` is that of the keys."""
        groups = self.where.walk(self.buckets.streams(self.where.after, prefix))
        while chunk := _gathered(groups):
            yield self._judged(chunk)

    def _judged(self, pictures: list[Picture]) -> list[Judged]:
        first = [self.judge.by_listing(each) for each in pictures]
        looks = [found for found in first if isinstance(found, Look)]
        keys = [key for look in looks for key in look.keys]
        originals = [look.original for look in looks if look.original is not None]
        self.looks += len(keys) + len(originals)
        answers = self.run_all(
            [partial(self.buckets.marks, key) for key in keys] + [partial(self.buckets.focus, key) for key in originals]
        )
        marks = {key: found for key, found in zip(keys, answers, strict=False) if found is not None}
        foci = dict(zip(originals, answers[len(keys) :], strict=True))
        return [
            Judged(each, self._by_marks(each, found, marks, foci) if isinstance(found, Look) else found)
            for each, found in zip(pictures, first, strict=True)
        ]

    def _by_marks(self, picture: Picture, look: Look, marks: dict[str, Any], foci: dict[str, str | None]) -> Verdict:
        found = {key: marks[key] for key in look.keys if key in marks}
        return self.judge.by_marks(picture, found, foci.get(picture.key))


def _gathered(groups: Iterator[list[Picture]]) -> list[Picture]:
    """Return the pictures of whole groups, `_CHUNK` or somewhat more; none at the end."""
    gathered: list[Picture] = []
    for group in groups:
        gathered += group
        if len(gathered) >= _CHUNK:
            break
    return gathered
