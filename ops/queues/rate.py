"""Holding a command to a number of messages a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class RateLimit:
    """Lets `rate` messages a second through, evenly; all at once where it is None."""

    def __init__(
        self,
        rate: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    def wait(self, count: int) -> None:
        """Return when `count` more messages may go."""
        if self._rate is None:
            return
        now = self._clock()
        self._sleep(max(0.0, self._next - now))
        self._next = max(now, self._next) + count / self._rate
