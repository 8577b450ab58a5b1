"""What is left of one invocation, and whether it is enough for another picture.

Lambda kills an invocation that runs into its timeout, and every message of its batch comes back, finished or not. What a
picture will cost is unknown; the cost of the pictures before it in this invocation is a good estimate.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CAUTION: Final = 1.5
"""Times the cost of the costliest picture so far: what must be left for the next one."""
_RESERVE: Final = 5.0
_RESERVE_SHARE: Final = 0.1


class Clock:
    """The time of one invocation, in seconds."""

    def __init__(self, remaining: Callable[[], float]) -> None:
        """Start with what `remaining` returns now; it is called again for every question."""
        self._ask = remaining
        self.whole = remaining()
        self._reserve = min(_RESERVE, _RESERVE_SHARE * self.whole)
        self._costliest = 0.0
        self._lock = Lock()

    @property
    def remaining(self) -> float:
        """Seconds until Lambda ends the invocation."""
        return self._ask()

    @property
    def left(self) -> float:
        """Seconds for pictures: a reserve stays for the dead letters and the report."""
        return max(0.0, self.remaining - self._reserve)

    def allows_another(self) -> bool:
        """Return whether a picture as costly as the costliest so far, and half as much again, would be finished."""
        return self.left > CAUTION * self._costliest

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Learn what the picture within costs."""
        before = self.remaining
        try:
            yield
        finally:
            self.learn(before - self.remaining)

    def learn(self, seconds: float) -> None:
        """Learn what a picture has cost; from any thread."""
        with self._lock:
            self._costliest = max(self._costliest, seconds)
