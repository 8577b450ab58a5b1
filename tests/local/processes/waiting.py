"""Waiting on conditions, with a deadline, instead of sleeping."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
DEADLINE = 60.0
"""Seconds that anything may take on a computer that is busy with other things."""


def eventually(condition: Callable[[], T | None], seconds: float = DEADLINE, *, every: float = 0.02) -> T:
    """Return the first true value of `condition`, called again `every` seconds.

    Raises:
        AssertionError: There was none within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        time.sleep(every)
    return value
