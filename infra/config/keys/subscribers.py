"""The subscribers of the configuration: an object by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from infra.config.problems import Change
from infra.messaging.subscriber import EMAIL, HTTPS, SQS, UNDELIVERED, Subscriber
from worker.contracts.manifest import READY, REJECTED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from infra.config.place import Place

ATTRIBUTES: Final = ("type", "prefix", "renditions")
"""What a message has to filter by; docs/completion.md."""
TYPES: Final = (READY, REJECTED)
_FIELDS: Final = ("protocol", "endpoint", "filter", "readers")
_NAME: Final = "[a-z][a-z0-9-]{0,18}[a-z0-9]"
_ENDPOINTS: Final[Mapping[str, tuple[str, str, str]]] = {
    SQS: (
        r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}",
        "a queue's ARN, or nothing for a queue of the stack's own",
        "arn:aws:sqs:eu-central-1:123456789012:listener",
    ),
    HTTPS: (
        r"https://[^\s/?#@]+([/?#]\S*)?",
        "an address that starts with https:// and has no password in it",
        "https://example.org/pictures",
    ),
    EMAIL: (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address", "you@example.org"),
}
"""By protocol: its endpoint's form, in words, and an example."""
_READER: Final = r"\d{12}|arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)/[\w+=,.@/-]{1,512})"
"""A principal of a queue's policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)."""
_OPERATORS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "prefix": str,
    "suffix": str,
    "equals-ignore-case": str,
    "anything-but": (str, list, dict),
    "exists": bool,
}
"""https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html"""


def read_subscribers(place: Place, renditions: Collection[str]) -> tuple[Subscriber, ...]:
    """Return the subscribers, in the order of the stack's file."""
    found = tuple(
        filter(None, (_read(entry, place.value, renditions) for entry in place.parts() if entry.value is not None))
    )
    for subscriber in found:
        other = subscriber.name.removesuffix(UNDELIVERED)
        if other != subscriber.name and other in {each.name for each in found}:
            place.at(subscriber.name).renamed(
                f"any name but that of the dead letters of {other}", f"{other}-2", place.value
            )
    return found


def _read(entry: Place, taken: Collection[str], renditions: Collection[str]) -> Subscriber | None:
    if not isinstance(entry.value, dict):
        entry.refuse("an object with a protocol")
        return None
    name = str(entry.path[-1])
    if not re.fullmatch(_NAME, name):
        entry = entry.renamed("2 to 20 of a-z, 0-9 and hyphen, from a letter on", _nearest_name(name), taken)
    entry.refuse_unknown(_FIELDS)
    protocol = entry.at("protocol").choice(list(_ENDPOINTS))
    known = protocol == entry.at("protocol").text
    endpoint = _read_endpoint(entry.at("endpoint"), protocol) if known else None
    readers = _read_readers(entry.at("readers"), has_queue=protocol == SQS and endpoint is None)
    return Subscriber(name, protocol, endpoint, _read_filter(entry.at("filter"), renditions), readers)


def _nearest_name(name: str) -> str:
    plain = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    named = plain if re.fullmatch(_NAME, plain[:20]) else f"s-{plain}x"
    return named[:16].strip("-")


def _read_endpoint(place: Place, protocol: str) -> str | None:
    if protocol == SQS and not place.text:
        return None
    return place.matching(*_ENDPOINTS[protocol])


def _read_readers(place: Place, *, has_queue: bool) -> tuple[str, ...]:
    if not place.value:
        return ()
    if not has_queue:
        place.refuse_for("is set where the stack makes no queue; who reads is for the endpoint", Change(place.path))
        return ()
    if not isinstance(place.value, list):
        place.refuse("a list of account numbers and of ARNs of roles")
        return ()
    for reader in reversed(place.parts()):
        if not isinstance(reader.value, str | int) or not re.fullmatch(_READER, reader.text):
            reader.refuse("the number of an account, in quotes, or the ARN of a role, a user or an account")
    return tuple(reader.text for reader in place.parts())


def _read_filter(place: Place, renditions: Collection[str]) -> Mapping[str, Any] | None:
    if not place.value:
        return None
    if not isinstance(place.value, dict):
        place.refuse(f"an object of {', '.join(ATTRIBUTES)}")
        return None
    place.refuse_unknown(ATTRIBUTES)
    return {name: _read_attribute(place.at(name), renditions) for name in ATTRIBUTES if name in place.value}


def _read_attribute(place: Place, renditions: Collection[str]) -> Any:
    """Return the values that an attribute may have; a text for the prefix is a folder and all below it."""
    name = str(place.path[-1])
    if name == "prefix" and isinstance(place.value, str) and place.value:
        _check_text(place, name, renditions)
        return [{"prefix": place.value}]
    if not isinstance(place.value, list) or not place.value:
        place.refuse(f"a list of values{', or one text for a folder and all below it' if name == 'prefix' else ''}")
    for condition in reversed(place.parts()):
        if isinstance(condition.value, str):
            _check_text(condition, name, renditions)
        elif not _is_operator(condition.value):
            condition.refuse(f"a text, or an object with one of {', '.join(_OPERATORS)}")
    return place.value


def _check_text(place: Place, attribute: str, renditions: Collection[str]) -> None:
    """Refuse a text that no message has: the subscriber would wait for ever."""
    if attribute == "prefix":
        if not place.text.endswith("/"):
            place.refuse("a folder, which ends in a slash", f"{place.text}/")
    else:
        place.choice(TYPES if attribute == "type" else list(renditions))


def _is_operator(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((operator, operand),) = value.items()
    return operator in _OPERATORS and isinstance(operand, _OPERATORS[operator])
