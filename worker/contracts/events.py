"""Events of S3: from a queue message's body to the keys that may have changed.

They come in two shapes: what S3 sends to a queue by itself, and what it sends by EventBridge. Either is only a hint: the worker
uses its bucket and key, and nothing else of it. Formats:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, unquote_plus

from worker.contracts.attributes import time_in
from worker.contracts.errors import MalformedEvent
from worker.contracts.keys import listed_keys
from worker.contracts.recipes.specs import FORMATS, RENDITION_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPECTED: Final = (
    "Expected what S3 sends to a queue: an object with Records, an EventBridge event of aws.s3, or s3:TestEvent."
)
_EVENT_BRIDGE: Final = "detail-type"
"""Only EventBridge's events have it."""
_SOURCE: Final = "aws.s3"
"""Nobody else can send events of this source to a bus, but anybody who may send to the queue."""
MAX_RECORDS: Final = 100
"""S3 sends one record in a message. Thousands would take the time of every neighbour in the batch."""
MAX_KEY: Final = 1024
"""Bytes; https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""
_LEFTOVER: Final = re.compile(rf"(?<!\S){RENDITION_NAME}\.(?:{'|'.join(FORMATS)})(?!\S)")
_SHOWN: Final = 200
"""Characters of what somebody else has sent, in a detail."""
_ENVELOPE: Final = "This is an SNS envelope: let S3 notify the queue directly, or turn on raw message delivery."


@dataclass(frozen=True, slots=True)
class _Entry:
    """What an event says of one object.

    Attributes:
        bucket: Whatever stands where its bucket's name should.
        key: Decoded.
        said: All that stands beside the key.
    """

    bucket: Any
    key: str
    said: Mapping[str, Any]


def keys_of(body: str, bucket: str) -> tuple[str, ...]:
    """Return the decoded keys that `body` says have changed in `bucket`, each once, in order.

    `s3:TestEvent`, which S3 sends when the notification is created, has none. Anybody who may send to the queue decides what
    `body` is: whatever it is, it is read, or refused as malformed.

    Raises:
        MalformedEvent: No event of S3's, or of another bucket.
    """
    return tuple(dict.fromkeys(_key(entry, bucket) for entry in _entries(_parsed(body))))


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as exc:
        raise MalformedEvent(f"The message is no JSON. {_EXPECTED}") from exc
    except RecursionError as exc:
        raise MalformedEvent(f"The message is JSON that is nested too deep. {_EXPECTED}") from exc


def _entries(document: Any) -> list[_Entry]:
    if not isinstance(document, dict):
        raise MalformedEvent(f"The message is no JSON object. {_EXPECTED}")
    if document.get("Event") == "s3:TestEvent":
        return []
    if _EVENT_BRIDGE in document:
        return [_of_event_bridge(document)]
    records = document.get("Records")
    if not isinstance(records, list) or not records:
        raise MalformedEvent(f"The message has no Records. {_ENVELOPE if 'TopicArn' in document else _EXPECTED}")
    if len(records) > MAX_RECORDS:
        raise MalformedEvent(
            f"The message has {len(records):,} records; S3 sends one, and more than {MAX_RECORDS} are not taken."
        )
    return [_of_record(record) for record in records]


def _of_record(record: Any) -> _Entry:
    """Read a record of S3's own, whose key is URL-encoded as in a form."""
    try:
        name, said = record["s3"]["bucket"]["name"], record["s3"]["object"]
        encoded = said["key"]
        return _Entry(name, unquote_plus(encoded, errors="strict"), said)
    except (KeyError, TypeError, AttributeError) as exc:
        raise MalformedEvent(f"A record names no bucket and key. {_EXPECTED}") from exc
    except UnicodeError as exc:
        raise MalformedEvent(f"The key {encoded[:_SHOWN]!r} is not URL-encoded UTF-8. {_EXPECTED}") from exc


def _of_event_bridge(event: Mapping[str, Any]) -> _Entry:
    """Read an event of EventBridge's, of whatever type, whose key is as it is."""
    source = event.get("source")
    if source != _SOURCE:
        raise MalformedEvent(
            f"The event is of {str(source)[:_SHOWN]!r}, not of {_SOURCE!r}: its rule is not this pipeline's."
        )
    try:
        name, said = event["detail"]["bucket"]["name"], event["detail"]["object"]
        key = said["key"]
    except (KeyError, TypeError) as exc:
        raise MalformedEvent(f"The event names no bucket and key. {_EXPECTED}") from exc
    if not isinstance(key, str):
        raise MalformedEvent(f"The event's key is no text. {_EXPECTED}")
    return _Entry(name, key, said)


def _key(entry: _Entry, bucket: str) -> str:
    if entry.bucket != bucket:
        raise MalformedEvent(
            f"The event is of the bucket {str(entry.bucket)[:_SHOWN]!r}; this pipeline works on {bucket!r}."
        )
    if not entry.key:
        raise MalformedEvent(f"The event's key is empty. {_EXPECTED}")
    shown = f"The key {entry.key[:_SHOWN]!r}"
    try:
        size = len(entry.key.encode())
    except UnicodeError as exc:
        raise MalformedEvent(f"{shown} is no UTF-8. {_EXPECTED}") from exc
    if size > MAX_KEY:
        raise MalformedEvent(f"{shown}... has {size:,} bytes; S3 has none of more than {MAX_KEY:,}.")
    return entry.key


def occurred_at(body: str) -> float | None:
    """Return when the first event in `body` happened, in seconds since the epoch; None if it does not say.

    EventBridge says it to the second, S3 itself to the millisecond.
    """
    with suppress(MalformedEvent, KeyError, TypeError, IndexError, AttributeError):
        document = _parsed(body)
        found = time_in(document["time"] if _EVENT_BRIDGE in document else document["Records"][0]["eventTime"])
        return found.timestamp() if found else None
    return None


def etag_in(body: str, key: str) -> str | None:
    """Return the ETag that `key` had when the event was sent, without quotes; only S3's own events carry it."""
    etags = [said[name] for said in _said(body, key) for name in ("eTag", "etag") if name in said]
    return str(etags[-1]).strip('"') if etags else None


def leftovers_in(body: str, key: str) -> tuple[str, ...]:
    """Return the keys of renditions that `body` says may be left over of `key`; only an audit says so."""
    listed = [str(said["leftovers"]) for said in _said(body, key) if "leftovers" in said]
    return tuple(each for text in listed for each in listed_keys(" ".join(_LEFTOVER.findall(text)), key))


def looks_in(body: str, key: str) -> bool:
    """Whether `body` asks for the look of `key` in its manifest, although all else may be current; only a backfill does."""
    return any(said.get("looks") is True for said in _said(body, key))


def _said(body: str, key: str) -> list[Mapping[str, Any]]:
    """Return what `body` says of `key`; nothing where it is no event."""
    with suppress(MalformedEvent):
        return [entry.said for entry in _entries(_parsed(body)) if entry.key == key]
    return []


def event_body(bucket: str, *keys: str, leftovers: str = "", looks: bool = False) -> str:
    """Return a body as S3 itself would send it, to have `keys` of `bucket` reconciled (backfill, audit, smoke, tests).

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
