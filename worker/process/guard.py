"""The only place that catches everything, so that no picture suffers for its neighbour."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from worker.contracts.errors import PipelineError, Unexpected

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


def guarded(call: Callable[[], _T]) -> _T | PipelineError:
    """Return what `call` returns, or the error that it raises: an unknown exception as `Unexpected`, with its name.

    The error may be kept as long as the batch takes, so it is without its traceback.
    """
    try:
        return call()
    except PipelineError as exc:
        return exc.without_traceback()
    except Exception as exc:  # noqa: BLE001 - this module is for that
        return Unexpected(f"{type(exc).__name__}: {exc}")
