"""Requests that do not depend on each other, made at once.

All are made, whatever becomes of the others; only then is the first error raised: whoever goes on, or starts again, leaves
no request behind that may still arrive.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from worker.contracts.errors import PipelineError
from worker.process.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Gather = Callable[[Sequence[Callable[[], Any]]], list[Any]]
    """Returns what the calls return, in their order; raises the first error when all have ended."""

_T = TypeVar("_T")


def one_by_one(calls: Sequence[Callable[[], _T]]) -> list[_T]:
    """Gather without threads."""
    return _answers([guarded(call) for call in calls])


class AtOnce:
    """Gathers in threads, of which there are `width` for whoever asks; they stay for the next batch."""

    def __init__(self, width: int) -> None:
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="request")

    def __call__(self, calls: Sequence[Callable[[], _T]]) -> list[_T]:
        """Make the calls at once, a single one in this thread."""
        if len(calls) == 1:
            return one_by_one(calls)
        return _answers(list(self._pool.map(guarded, calls)))


def _answers(outcomes: Sequence[_T | PipelineError]) -> list[_T]:
    answers = []
    for outcome in outcomes:
        if isinstance(outcome, PipelineError):
            raise outcome
        answers.append(outcome)
    return answers
