"""How long a message waits before its next attempt: exponential backoff, with full jitter.

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
STAGGER: Final = 5.0
"""Seconds between messages that lacked time: longer than a batch usually gathers, so that each gets a batch of its own."""
_LARGEST_EXPONENT: Final = 8
"""Past the cap, and no float overflow."""


@dataclass(frozen=True)
class RetryDelay:
    """The delays of one queue, in whole seconds; never long enough for the queue to drop the message before its next attempt.

    Attributes:
        retention: Seconds that the queue keeps a message, counted from when it was first sent.
        now: The time, in seconds since the epoch.
        random: A number from 0 up to 1.
    """

    retention: float
    now: Callable[[], float]
    random: Callable[[], float]

    def exponential(self, message: Message) -> int:
        """Return the delay of a message that failed."""
        exponent = min(message.receive_count - 1, _LARGEST_EXPONENT)
        most = min(CAP, BASE * FACTOR**exponent)
        return int(self.random() * min(most, self._left(message)))

    def staggered(self, message: Message, place: int) -> int:
        """Return the delay of the `place`th message, from 0, for which there was no time in the batch."""
        return int(min(CAP, place * STAGGER, self._left(message)))

    def _left(self, message: Message) -> float:
        """Return the seconds until the queue drops the message."""
        return max(0.0, message.sent_at + self.retention - self.now())
