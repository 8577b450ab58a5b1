"""Names that others read: a dead letter's attributes, the events of the log, the tag of an original. Metrics have their own."""

from __future__ import annotations

from typing import Final

REASON: Final = "reason"
DETAIL: Final = "detail"
FAILED_AT: Final = "failed-at"
ORIGINAL_MESSAGE_ID: Final = "original-message-id"
REQUEST_ID: Final = "request-id"
ATTEMPTS: Final = "attempts"
REDRIVES: Final = "redrives"
"""The attributes. How often an operator has sent a message back, a redriven message carries, too."""
SENT_BY: Final = " Sent by "
"""Between the detail of a message that is nobody's event and the id of who sent it, with which it ends."""

DONE: Final = "message.done"
RETRY: Final = "message.retry"
REJECT: Final = "message.reject"
BATCH: Final = "batch.done"
NOT_DELETED: Final = "messages.not-deleted"
NOT_POSTPONED: Final = "messages.not-postponed"
NOT_TAGGED: Final = "original.not-tagged"
NO_SIMD: Final = "resampler.not-loaded"
AUDIT: Final = "audit.done"
"""The events: field `event` of each line."""

AUDIT_STATE: Final = "audit.json"
"""Key of an audit's state in the output bucket. Outputs have a slash in theirs."""

ARCHIVES: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Storage classes that have to be restored before they can be read
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html)."""

TAG_KEY: Final = "pipeline"
TAG_VALUE: Final = "ready"
"""The tag of an original whose renditions are ready: the source bucket's lifecycle archives those and no others."""
