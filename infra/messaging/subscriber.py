"""A subscriber of completion messages. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SQS: Final = "sqs"
HTTPS: Final = "https"
EMAIL: Final = "email"
UNDELIVERED: Final = "-undelivered"
"""End of the name of a subscriber's dead-letter queue."""


@dataclass(frozen=True)
class Subscriber:
    """One subscription.

    Attributes:
        protocol: `SQS`, `HTTPS` or `EMAIL`.
        endpoint: None for a queue of the stack's own.
        filter: By attribute, what it may be; None for every message.
        readers: Accounts and roles that may read the stack's own queue; those of the same account need no more than their own policy.
    """

    name: str
    protocol: str
    endpoint: str | None
    filter: Mapping[str, Any] | None
    readers: tuple[str, ...] = ()
