"""Which request goes wrong, and how. A request here is one call of the worker, with all attempts of the SDK.

Most faults are over at the SDK's next attempt, so that the worker does not notice. Some last until the SDK gives up.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Final

RATE: Final = 0.05
"""Of the requests."""
STUBBORN: Final = 0.1
"""Of the faults: every attempt at the request fails."""
SLOWEST: Final = 2.5
"""Seconds; longer than the two that the worker's impatient client waits."""
_REMEMBERED: Final = 10_000


@dataclass(frozen=True)
class Fault:
    """One way in which a request goes wrong.

    Attributes:
        status: Of the answer, in the place of the true one.
        code: Of the error in it.
        seconds: To wait before the request is passed on.
        lost_answer: Whether the request is passed on before the connection is reset.
    """

    name: str
    status: int = 0
    code: str = ""
    seconds: float = 0.0
    lost_answer: bool = False


KINDS: Final = (
    Fault("error 500", 500, "InternalError"),
    Fault("error 503", 503, "SlowDown"),
    Fault("slow", seconds=SLOWEST),
    Fault("reset", lost_answer=False),
    Fault("lost answer", lost_answer=True),
)


class Faults:
    """Decides by chance, from a seed; may be asked from several threads."""

    def __init__(self, seed: int) -> None:
        """Start from `seed`: the same requests in the same order go wrong in the same way."""
        self._rng = random.Random(seed)
        self._lock = threading.Lock()
        self._known: dict[str, Fault | None] = {}

    def of(self, invocation: str) -> Fault | None:
        """Return what goes wrong with an attempt at the request `invocation`, which names all of its attempts."""
        with self._lock:
            if invocation in self._known:
                return self._known[invocation]
            fault = self._draw()
            stubborn = fault is not None and not fault.seconds and self._rng.random() < STUBBORN
            self._known[invocation] = fault if stubborn else None
            if len(self._known) > _REMEMBERED:
                self._known.pop(next(iter(self._known)))
            return fault

    def _draw(self) -> Fault | None:
        if self._rng.random() >= RATE:
            return None
        fault = self._rng.choice(KINDS)
        return Fault(fault.name, seconds=SLOWEST * self._rng.random() ** 3) if fault.seconds else fault
