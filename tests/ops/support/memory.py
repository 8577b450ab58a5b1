"""Memory that one call takes, in a process where other tests ran before."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def traced_peak(call: Callable[[], object]) -> int:
    """Return the most bytes that Python's objects took during the call.

    What is there already is frozen, and a collection counts what is left: the collector waits for a quarter as much of new garbage,
    which of a large heap is megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()
