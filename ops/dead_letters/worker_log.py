"""What the worker logged about one letter."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from ops.queues.letter import Letter
    from ops.stack.worker_log import Line, WorkerLog

_PAGES: Final = 20
"""The most that a command waits for."""
_LINES: Final = 20
"""The last ones; a message has one or two at each attempt."""
_AROUND: Final = timedelta(minutes=2)


def lines_about(log: WorkerLog, letter: Letter, until: datetime) -> list[Line]:
    """Return the last of what the worker logged about `letter` from when it was sent until it failed, in order.

    Raises:
        Refusal: AWS does not show the log.
    """
    end = until if letter.reason is None else letter.failed_at
    excerpt = log.read(letter.original_id, _first_sent(letter) - _AROUND, end + _AROUND, pages=_PAGES)
    # It also has lines with the id as a part of another.
    exactly = re.compile(rf"(?<![\w-]){re.escape(letter.original_id)}(?![\w-])")
    return [line for line in excerpt.lines if exactly.search(line.message)][-_LINES:]


def _first_sent(letter: Letter) -> datetime:
    """A letter that the worker sent is a new message: the old one was sent some time before, a day at most."""
    return letter.sent_at if letter.reason is None else letter.sent_at - timedelta(days=1)
