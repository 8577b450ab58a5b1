"""Names of the message attributes that a dead letter carries."""

from __future__ import annotations

from typing import Final

REASON: Final = "reason"
DETAIL: Final = "detail"
FAILED_AT: Final = "failed-at"
ORIGINAL_MESSAGE_ID: Final = "original-message-id"
REQUEST_ID: Final = "request-id"
ATTEMPTS: Final = "attempts"
REDRIVES: Final = "redrives"
"""How often an operator has sent the message back; a redriven message carries it, too."""
