"""One JSON line per outcome, under a constant event name. Lambda forwards standard output to CloudWatch Logs."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

DONE: Final = "message.done"
RETRY: Final = "message.retry"
REJECT: Final = "message.reject"
BATCH: Final = "batch.done"
NOT_DELETED: Final = "messages.not-deleted"
NOT_POSTPONED: Final = "messages.not-postponed"
NOT_TAGGED: Final = "original.not-tagged"


def log(event: str, **fields: Any) -> None:
    """Write one line; fields that are None are left out."""
    document = {"event": event, **{name: value for name, value in fields.items() if value is not None}}
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()
