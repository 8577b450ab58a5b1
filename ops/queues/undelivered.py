"""Why EventBridge could not send an event to the queue: what it writes on the letter that it leaves instead. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

UNDELIVERED: Final = "undelivered"
"""The reason of such a letter. The worker has never seen it."""
RULE: Final = "RULE_ARN"
TARGET: Final = "TARGET_ARN"
CODE: Final = "ERROR_CODE"
MESSAGE: Final = "ERROR_MESSAGE"
"""Message attributes. Only a letter of EventBridge's has the first."""


def explanation(text: Callable[[str], str | None]) -> str:
    """Return a sentence on what went wrong, given what returns an attribute's text."""
    said = ": ".join(filter(None, (text(CODE), text(MESSAGE)))) or "it does not say why"
    return f"EventBridge could not send it to {text(TARGET) or 'its target'} for the rule {text(RULE)}: {said.rstrip('.')}."
