"""Subscribers of completion messages, as the configuration names them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from infra.values import PartError

if TYPE_CHECKING:
    from collections.abc import Mapping

SQS: Final = "sqs"
HTTPS: Final = "https"
EMAIL: Final = "email"
ATTRIBUTES: Final = ("type", "prefix", "renditions")
"""What a message has to filter by; docs/completion.md."""

_NAME: Final = re.compile("[a-z][a-z0-9-]{0,18}[a-z0-9]")
_ENDPOINTS: Final[Mapping[str, tuple[re.Pattern[str], str, str]]] = {
    SQS: (
        re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}"),
        "a queue's ARN, or missing for a queue of the stack's own",
        "arn:aws:sqs:eu-central-1:123456789012:listener",
    ),
    HTTPS: (
        re.compile(r"https://[^\s/?#@]+([/?#]\S*)?"),
        "an address that starts with https:// and has no password in it",
        "https://example.org/pictures",
    ),
    EMAIL: (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "an e-mail address", "you@example.org"),
}
"""By protocol: its endpoint's form, in words, and an example."""
_OPERATORS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "prefix": str,
    "suffix": str,
    "equals-ignore-case": str,
    "anything-but": (str, list, dict),
    "exists": bool,
}
"""https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"""


@dataclass(frozen=True)
class Subscriber:
    """One subscription.

    Attributes:
        protocol: `SQS`, `HTTPS` or `EMAIL`.
        endpoint: None for a queue of the stack's own.
        filter: By attribute, what it may be; None for every message.
    """

    name: str
    protocol: str
    endpoint: str | None
    filter: Mapping[str, Any] | None


def subscribers(document: Any) -> tuple[Subscriber, ...]:
    """Parse the list of subscribers.

    Raises:
        PartError: What AWS would refuse, or what would never receive anything.
    """
    if not isinstance(document, list):
        raise PartError("it is none")
    found = tuple(_subscriber(entry, index) for index, entry in enumerate(document))
    for index, subscriber in enumerate(found):
        if subscriber.name in {other.name for other in found[:index]}:
            raise PartError(f"two are named {subscriber.name!r}", f"[{index}].name", f"{subscriber.name[:16]}-{index}")
    return found


def _subscriber(entry: Any, index: int) -> Subscriber:
    here = f"[{index}]"
    if not isinstance(entry, dict):
        raise PartError(f"{entry!r} is no object with name and protocol", here)
    for key in entry:
        if key not in {"name", "protocol", "endpoint", "filter"}:
            raise PartError(f"unknown key {key!r}; there are name, protocol, endpoint and filter", f'{here}["{key}"]')
    name, protocol = entry.get("name"), entry.get("protocol")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PartError(f"{name!r} is not 2 to 20 of a-z, 0-9 and -, from a letter on", f"{here}.name", "search")
    if not isinstance(protocol, str) or protocol not in _ENDPOINTS:
        raise PartError(f"{protocol!r} is not one of {', '.join(_ENDPOINTS)}", f"{here}.protocol", SQS)
    endpoint = _endpoint(entry.get("endpoint"), protocol, f"{here}.endpoint")
    return Subscriber(name, protocol, endpoint, _filter(entry.get("filter"), f"{here}.filter"))


def _endpoint(endpoint: Any, protocol: str, here: str) -> str | None:
    if endpoint is None and protocol == SQS:
        return None
    form, takes, example = _ENDPOINTS[protocol]
    if not isinstance(endpoint, str) or not form.fullmatch(endpoint):
        raise PartError(f"{endpoint!r} is not {takes}", here, example)
    return endpoint


def _filter(document: Any, here: str) -> Mapping[str, Any] | None:
    if document is None:
        return None
    if not isinstance(document, dict) or not document:
        raise PartError("the filter is no object of attributes", here)
    for attribute, values in document.items():
        if attribute not in ATTRIBUTES:
            raise PartError(f"no message has {attribute!r}; it has {', '.join(ATTRIBUTES)}", f'{here}["{attribute}"]')
        if not isinstance(values, list) or not values:
            raise PartError(f"{attribute} is no list of values", f"{here}.{attribute}")
        for index, value in enumerate(values):
            if not _is_condition(value):
                raise PartError(
                    f"{value!r} is neither a text nor one of {', '.join(_OPERATORS)}", f"{here}.{attribute}[{index}]"
                )
    return document


def _is_condition(value: Any) -> bool:
    if isinstance(value, str):
        return True
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((operator, operand),) = value.items()
    return operator in _OPERATORS and isinstance(operand, _OPERATORS[operator])
