"""How long a message waits before its next attempt: exponential, with full jitter.

Full jitter, because messages that failed together over the same throttled service must not come back together:
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.queue.message import Message

BASE: Final = 15.0
"""Seconds that the first retry waits at most."""
FACTOR: Final = 4
"""15 s, 1 min, 4 min, 16 min: five attempts outlast an outage of a quarter of an hour."""
CAP: Final = 3600.0
"""Seconds; SQS hides a message for twelve hours at most."""
TURN: Final = 5.0
"""Seconds between those that want for time: longer than a batch usually gathers, so that each gets a batch of its own."""
_ENOUGH: Final = 8
"""Steps to the cap and beyond: a thousand of them are no number."""


@dataclass(frozen=True)
class Backoff:
    """The delays of one queue.

    Attributes:
        retention: Seconds that the queue keeps a message, counted from when it was first sent.
        now: The time, in seconds since the epoch.
        random: A number from 0 up to 1.
    """

    retention: float
    now: Callable[[], float]
    random: Callable[[], float]

    def delay(self, message: Message) -> int:
        """Return whole seconds; never so many that the queue would drop the message before it is seen again."""
        steps = min(message.receive_count - 1, _ENOUGH)
        most = min(CAP, BASE * FACTOR**steps)
        return int(self.random() * min(most, self._left(message)))

    def turn(self, message: Message, place: int) -> int:
        """Return whole seconds for the `place`th, from 0, of those for whom there was no time; as bounded as a delay."""
        return int(min(CAP, place * TURN, self._left(message)))

    def _left(self, message: Message) -> float:
        """Return the seconds until the queue drops the message."""
        return max(0.0, message.sent_at + self.retention - self.now())
