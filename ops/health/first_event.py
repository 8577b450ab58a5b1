"""Waits until EventBridge has a bucket's events at all: S3 takes a while, and never sends those of what was written too early."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ops.adoption.notifications import EVENTBRIDGE, what_turns_on
from ops.terminal.errors import Misuse
from ops.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.session import Session

PATIENCE: Final = 360.0
"""Seconds; "around five minutes"
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html)."""
AGAIN: Final = 15.0
"""Seconds after which the next picture is tried."""


def refuse_without_flag(session: Session) -> None:
    """Refuse to begin where no event would ever come.

    Raises:
        Misuse: The bucket sends none.
    """
    turn_on = what_turns_on(session)
    if turn_on is not None:
        raise Misuse(f"{session.stack.source_bucket} sends no events to EventBridge, so nothing would come: {turn_on}")


def has_come(session: Session, is_handled: Callable[[float], bool]) -> bool | None:
    """Return whether an event came in time; None where the stack does not go by EventBridge.

    `is_handled` uploads a picture, waits for it so many seconds, and says whether it was handled.
    """
    if session.stack.source_events != EVENTBRIDGE:
        return None
    deadline = time.monotonic() + PATIENCE
    while not is_handled(AGAIN):
        if time.monotonic() >= deadline:
            return False
        say(
            "No event came yet: S3 takes about five minutes until it sends a bucket's events to EventBridge. Waiting ..."
        )
    return True
