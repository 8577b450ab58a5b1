"""Who else gets a bucket's events from EventBridge: rules of the default bus, where S3 sends them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html; patterns:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ops.stack.aws import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.stack.aws import Clients

_DISABLED: Final = "DISABLED"


def other_rules(clients: Clients, bucket: str, queue_arn: str) -> tuple[str, ...]:
    """Return the names of the enabled rules that may match events of `bucket`, without those that send them to the queue.

    Raises:
        Refusal: AWS does not show the rules.
    """
    events = clients("events")
    with translated("list the EventBridge rules", clients.endpoint_url):
        own = {
            name
            for page in events.get_paginator("list_rule_names_by_target").paginate(TargetArn=queue_arn)
            for name in page["RuleNames"]
        }
        pages = events.get_paginator("list_rules").paginate()
        rules = [rule for page in pages for rule in page["Rules"] if rule["Name"] not in own]
    return tuple(rule["Name"] for rule in rules if _listens(rule, bucket))


def _listens(rule: Mapping[str, Any], bucket: str) -> bool:
    if rule.get("State") == _DISABLED or not rule.get("EventPattern"):
        return False
    known = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    return may_match(json.loads(rule["EventPattern"]), known)


def may_match(pattern: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Return whether a pattern may match an event of which only `known` is known: what is not decides nothing."""
    return all(_may_match_field(pattern[name], value) for name, value in known.items() if name in pattern)


def _may_match_field(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(value, dict):
        return may_match(wanted, value)
    return not isinstance(wanted, list) or any(_may_be(each, text) for each in wanted for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    yield from value if isinstance(value, list) else ()


def _may_be(wanted: Any, text: str) -> bool:
    """Whether one of a pattern's matchers takes a text; one that is not known here may."""
    match wanted:
        case str():
            return wanted == text
        case {"prefix": str(prefix)}:
            return text.startswith(prefix)
        case {"suffix": str(suffix)}:
            return text.endswith(suffix)
        case {"anything-but": str() | list() as refused}:
            return text not in ([refused] if isinstance(refused, str) else refused)
        case dict():
            return True
    return False
