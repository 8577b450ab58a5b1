"""Repeated events, in the shape in which the pipeline gets its events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from worker.contracts.events import event_body

if TYPE_CHECKING:
    from collections.abc import Sequence


def repeated(events: str, bucket: str, keys: Sequence[str]) -> list[str]:
    """Return messages that name `keys`: S3's own may name several, EventBridge's names one."""
    return [_by_event_bridge(bucket, key) for key in keys] if events == "eventbridge" else [event_body(bucket, *keys)]


def _by_event_bridge(bucket: str, key: str) -> str:
    detail = {"version": "0", "bucket": {"name": bucket}, "object": {"key": key}}
    return json.dumps({"version": "0", "source": "aws.s3", "detail-type": "Object Created", "detail": detail})
