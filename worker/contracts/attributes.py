"""Message attributes: whatever somebody else has put into them, and the room that they take. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES: Final = 1024 * 1024
"""Of a message with its attributes:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
_COUNT: Final = re.compile(r"[0-9]{1,9}")


def count_in(text: object) -> int | None:
    """Return the count that an attribute's text is; None for anything else, digits of other scripts included."""
    return int(text) if isinstance(text, str) and _COUNT.fullmatch(text) else None


def time_in(text: object) -> datetime | None:
    """Return the time, UTC, that an attribute's text is; None for anything else, and for one outside of the calendar."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def bytes_of(body: str, attributes: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes that SQS counts of a message: its body, and of each attribute the name, the type and the value.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
    """
    parts = [body, *(part for name, value in attributes.items() for part in (name, *value.values()))]
    return sum(len(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")) for part in parts)
