"""Names of the events in the worker's log: the field `event` of each line."""

from __future__ import annotations

from typing import Final

DONE: Final = "message.done"
RETRY: Final = "message.retry"
REJECT: Final = "message.reject"
BATCH: Final = "batch.done"
NOT_DELETED: Final = "messages.not-deleted"
NOT_POSTPONED: Final = "messages.not-postponed"
NOT_TAGGED: Final = "original.not-tagged"
