"""Which source keys a message or a line names, and the same without one of them. Pure.

A message is S3's or EventBridge's event, a completion message, or SNS's envelope around one. Whatever else it is, nobody
can say what it is about, only that it has the key's text in it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote_plus

from worker.contracts.errors import MalformedEvent
from worker.contracts.events import keys_of

if TYPE_CHECKING:
    from collections.abc import Collection


def keys_named(body: str, bucket: str) -> frozenset[str] | None:
    """Return the keys of `bucket` that a message names; None where it is none of the forms above."""
    named = _named(body, bucket)
    if named is not None:
        return named
    document = _parsed(body)
    if not isinstance(document, dict) or not isinstance(document.get("Message"), str):
        return None
    within = _named(document["Message"], bucket)
    return within if within is not None and len(within) <= 1 else None  # Of several, `without` could not take one out.


def without(body: str, keys: Collection[str]) -> str:
    """Return an event of S3 that names several keys without those of its records that name one of `keys`."""
    document = json.loads(body)
    records = [each for each in document["Records"] if unquote_plus(each["s3"]["object"]["key"]) not in keys]
    return json.dumps({**document, "Records": records})


def has_text_of(text: str, key: str) -> bool:
    """Whether a key, or a longer one around it, is somewhere in `text`, as it is or as JSON, URLs and events encode it."""
    forms = {key, quote_plus(key), quote(key), json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1]}
    return any(form in text for form in forms)


def _named(body: str, bucket: str) -> frozenset[str] | None:
    try:
        return frozenset(keys_of(body, bucket))
    except MalformedEvent:
        document = _parsed(body)
    if _is_event_of_others(document, bucket):
        return frozenset()
    source = document.get("source") if isinstance(document, dict) else None
    if isinstance(source, dict) and isinstance(source.get("key"), str):  # A completion message is a manifest.
        return frozenset({source["key"]} if source.get("bucket") == bucket else ())
    return None


def _is_event_of_others(document: Any, bucket: str) -> bool:
    """Whether it is an event that names other buckets alone: the worker takes none, and of the same key it is another picture's."""
    try:
        events = [document["detail"]] if "detail" in document else [record["s3"] for record in document["Records"]]
        names = [event["bucket"]["name"] for event in events if isinstance(event["object"]["key"], str)]
    except (KeyError, TypeError):
        return False
    return 0 < len(names) == len(events) and all(isinstance(name, str) and name != bucket for name in names)


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
