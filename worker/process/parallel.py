"""Requests that do not depend on each other, made in parallel.

All of them end before the first error is raised: a caller that goes on, or starts again, leaves no request behind that may
still arrive.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from worker.contracts.errors import PipelineError
from worker.process.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    RunAll = Callable[[Sequence[Callable[[], Any]]], list[Any]]
    """Returns what the calls return, in their order; raises the first error when all have ended."""

_T = TypeVar("_T")


def sequentially(calls: Sequence[Callable[[], _T]]) -> list[_T]:
    """`RunAll` without threads."""
    return _answers([guarded(call) for call in calls])


class Parallel:
    """`RunAll` with `width` threads, which stay for the next batch."""

    def __init__(self, width: int) -> None:
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="request")

    def __call__(self, calls: Sequence[Callable[[], _T]]) -> list[_T]:
        """Make the calls; a single one in the caller's thread."""
        if len(calls) == 1:
            return sequentially(calls)
        return _answers(list(self._pool.map(guarded, calls)))


def _answers(outcomes: Sequence[_T | PipelineError]) -> list[_T]:
    answers = []
    for outcome in outcomes:
        if isinstance(outcome, PipelineError):
            raise outcome
        answers.append(outcome)
    return answers
