"""Requests that do not depend on each other, made at once.

All are made, whatever becomes of the others; only then is the first error raised: whoever goes on, or starts again, leaves
no request behind that may still arrive.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from worker.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    class Gather(Protocol):
        """Returns what the calls return, in their order; raises the first error when all have ended."""

        def __call__(self, calls: Sequence[Callable[[], _T]], /) -> list[_T]:
            """Make the calls."""
            ...


_T = TypeVar("_T")


def one_by_one(calls: Sequence[Callable[[], _T]]) -> list[_T]:
    """Gather without threads."""
    return [_value(outcome) for outcome in [_outcome(call) for call in calls]]


class AtOnce:
    """Gathers in threads, of which there are `width` for whoever asks; they stay for the next batch."""

    def __init__(self, width: int) -> None:
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="request")

    def __call__(self, calls: Sequence[Callable[[], _T]]) -> list[_T]:
        """Make the calls at once, a single one in this thread."""
        if len(calls) <= 1:
            return [call() for call in calls]
        futures = [self._pool.submit(call) for call in calls]
        wait(futures)
        return [future.result() for future in futures]


def _outcome(call: Callable[[], _T]) -> _T | PipelineError:
    try:
        return call()
    except PipelineError as exc:
        return exc


def _value(outcome: Any) -> Any:
    if isinstance(outcome, PipelineError):
        raise outcome
    return outcome
