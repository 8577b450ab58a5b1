"""The garbage collector, and what is none of its business."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Keep the collector from what is made within, and from all that there is by its end: now and later.

    What a client is made of are some 100,000 objects, and none of them is garbage. The collector went over them again and again
    while they were made, which was a third of the time (`python -m bench.function.cold_start`).
    https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
