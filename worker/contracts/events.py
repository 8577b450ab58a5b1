"""S3 notifications: from a queue message's body to the keys that may have changed.

An event is only a hint: the worker uses its bucket and key, and nothing else of it. Format:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from worker.contracts.errors import MalformedEvent

_EXPECTED: Final = "Expected what S3 sends to a queue: an object with Records, or s3:TestEvent."
_HINTS: Final = (
    ("detail-type", "This is an EventBridge event: let S3 notify the queue directly."),
    ("TopicArn", "This is an SNS envelope: let S3 notify the queue directly, or turn on raw message delivery."),
)


def keys_of(body: str, bucket: str) -> tuple[str, ...]:
    """Return the decoded keys that `body` says have changed in `bucket`, each once, in order.

    `s3:TestEvent`, which S3 sends when the notification is created, has none.

    Raises:
        MalformedEvent: Not a notification of S3, or of another bucket.
    """
    try:
        document = json.loads(body)
    except ValueError as exc:
        raise MalformedEvent(f"The message is no JSON. {_EXPECTED}") from exc
    if not isinstance(document, dict):
        raise MalformedEvent(f"The message is no JSON object. {_EXPECTED}")
    if document.get("Event") == "s3:TestEvent":
        return ()
    records = document.get("Records")
    if not isinstance(records, list) or not records:
        hint = next((text for mark, text in _HINTS if mark in document), _EXPECTED)
        raise MalformedEvent(f"The message has no Records. {hint}")
    return tuple(dict.fromkeys(_key(record, bucket) for record in records))


def _key(record: Any, bucket: str) -> str:
    try:
        name, encoded = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
        key = unquote_plus(encoded, errors="strict")
    except (KeyError, TypeError, AttributeError) as exc:
        raise MalformedEvent(f"A record names no bucket and key. {_EXPECTED}") from exc
    except UnicodeDecodeError as exc:
        raise MalformedEvent(f"The key {encoded!r} is not URL-encoded UTF-8. {_EXPECTED}") from exc
    if name != bucket:
        raise MalformedEvent(f"The event is of the bucket {name!r}; this pipeline works on {bucket!r}.")
    if not key:
        raise MalformedEvent(f"A record's key is empty. {_EXPECTED}")
    return key


def occurred_at(body: str) -> float | None:
    """Return when the first event in `body` happened, in seconds since the epoch; None if it does not say."""
    with suppress(ValueError, KeyError, TypeError, IndexError):
        return datetime.fromisoformat(json.loads(body)["Records"][0]["eventTime"]).timestamp()
    return None


def event_body(bucket: str, *keys: str) -> str:
    """Return a body as S3 would send it, to have `keys` of `bucket` reconciled (backfill, smoke, tests)."""
    records = [
        {"eventSource": "image-pipeline", "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key)}}}
        for key in keys
    ]
    return json.dumps({"Records": records})
