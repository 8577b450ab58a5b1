"""Message attributes, whatever somebody else has put into them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

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
