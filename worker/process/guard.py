"""The only place that catches everything, so that no picture suffers for its neighbour."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from worker.contracts.errors import PipelineError, Unexpected

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


def guarded(call: Callable[[], _T]) -> _T | PipelineError:
    """Return what `call` returns, or what it raises: an exception that nobody knows as `Unexpected`, with its name.

    What it raises may be kept for as long as the batch takes, and so is bare.
    """
    try:
        return call()
    except PipelineError as exc:
        return exc.bare()
    except Exception as exc:  # noqa: BLE001 - the promise of this module
        return Unexpected(f"{type(exc).__name__}: {exc}")
