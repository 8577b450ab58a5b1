"""S3 notifications: from a queue message's body to the keys that may have changed.

An event is only a hint: the worker uses its bucket and key, and nothing else of it. Format:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from worker.contracts.attributes import time_in
from worker.contracts.errors import MalformedEvent
from worker.contracts.keys import listed_keys
from worker.contracts.recipes.specs import FORMATS, RENDITION_NAME

_EXPECTED: Final = "Expected what S3 sends to a queue: an object with Records, or s3:TestEvent."
MAX_RECORDS: Final = 100
"""S3 sends one record in a message. Thousands would take the time of every neighbour in the batch."""
MAX_KEY: Final = 1024
"""Bytes; https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""
_LEFTOVER: Final = re.compile(rf"(?<!\S){RENDITION_NAME}\.(?:{'|'.join(FORMATS)})(?!\S)")
_SHOWN: Final = 200
"""Characters of what somebody else has sent, in a detail."""
_HINTS: Final = (
    ("detail-type", "This is an EventBridge event: let S3 notify the queue directly."),
    ("TopicArn", "This is an SNS envelope: let S3 notify the queue directly, or turn on raw message delivery."),
)


def keys_of(body: str, bucket: str) -> tuple[str, ...]:
    """Return the decoded keys that `body` says have changed in `bucket`, each once, in order.

    `s3:TestEvent`, which S3 sends when the notification is created, has none. Anybody who may send to the queue decides what
    `body` is: whatever it is, it is read, or refused as malformed.

    Raises:
        MalformedEvent: Not a notification of S3, or of another bucket.
    """
    document = _parsed(body)
    if not isinstance(document, dict):
        raise MalformedEvent(f"The message is no JSON object. {_EXPECTED}")
    if document.get("Event") == "s3:TestEvent":
        return ()
    records = document.get("Records")
    if not isinstance(records, list) or not records:
        hint = next((text for mark, text in _HINTS if mark in document), _EXPECTED)
        raise MalformedEvent(f"The message has no Records. {hint}")
    if len(records) > MAX_RECORDS:
        raise MalformedEvent(
            f"The message has {len(records):,} records; S3 sends one, and more than {MAX_RECORDS} are not taken."
        )
    return tuple(dict.fromkeys(_key(record, bucket) for record in records))


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as exc:
        raise MalformedEvent(f"The message is no JSON. {_EXPECTED}") from exc
    except RecursionError as exc:
        raise MalformedEvent(f"The message is JSON that is nested too deep. {_EXPECTED}") from exc


def _key(record: Any, bucket: str) -> str:
    try:
        name, encoded = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
        key = unquote_plus(encoded, errors="strict")
        size = len(key.encode())
    except (KeyError, TypeError, AttributeError) as exc:
        raise MalformedEvent(f"A record names no bucket and key. {_EXPECTED}") from exc
    except UnicodeError as exc:
        raise MalformedEvent(f"The key {encoded[:_SHOWN]!r} is not URL-encoded UTF-8. {_EXPECTED}") from exc
    if name != bucket:
        raise MalformedEvent(f"The event is of the bucket {str(name)[:_SHOWN]!r}; this pipeline works on {bucket!r}.")
    if not key:
        raise MalformedEvent(f"A record's key is empty. {_EXPECTED}")
    if size > MAX_KEY:
        raise MalformedEvent(f"The key {key[:_SHOWN]!r}... has {size:,} bytes; S3 has none of more than {MAX_KEY:,}.")
    return key


def occurred_at(body: str) -> float | None:
    """Return when the first event in `body` happened, in seconds since the epoch; None if it does not say."""
    with suppress(MalformedEvent, KeyError, TypeError, IndexError, AttributeError):
        found = time_in(_parsed(body)["Records"][0]["eventTime"])
        return found.timestamp() if found else None
    return None


def etag_in(body: str, key: str) -> str | None:
    """Return the ETag that `key` had when the event was sent, without quotes; only S3's own events carry it."""
    etags = [entry["eTag"] for entry in _objects(body, key) if "eTag" in entry]
    return str(etags[-1]).strip('"') if etags else None


def leftovers_in(body: str, key: str) -> tuple[str, ...]:
    """Return the keys of renditions that `body` says may be left over of `key`; only an audit says so."""
    listed = [str(entry["leftovers"]) for entry in _objects(body, key) if "leftovers" in entry]
    return tuple(each for text in listed for each in listed_keys(" ".join(_LEFTOVER.findall(text)), key))


def looks_in(body: str, key: str) -> bool:
    """Whether `body` asks for the look of `key` in its manifest, although all else may be current; only a backfill does."""
    return any(entry.get("looks") is True for entry in _objects(body, key))


def _objects(body: str, key: str) -> list[dict[str, Any]]:
    """Return what the records of `key` say of it; nothing where the body is no notification."""
    with suppress(MalformedEvent, KeyError, TypeError, AttributeError):
        objects = [record["s3"]["object"] for record in _parsed(body)["Records"]]
        return [entry for entry in objects if unquote_plus(entry["key"]) == key]
    return []


def event_body(bucket: str, *keys: str, leftovers: str = "", looks: bool = False) -> str:
    """Return a body as S3 would send it, to have `keys` of `bucket` reconciled (backfill, audit, smoke, tests).

    `leftovers` are renditions that no manifest may list, as in `worker.contracts.keys.listing`; `looks`: see `looks_in`.
    """
    more = {**({"leftovers": leftovers} if leftovers else {}), **({"looks": True} if looks else {})}
    records = [
        {
            "eventSource": "image-pipeline",
            "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key), **more}},
        }
        for key in keys
    ]
    return json.dumps({"Records": records})
