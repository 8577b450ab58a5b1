"""Keys, details and other texts of strangers, made harmless: nothing that a mail program or a chat acts on, nothing invisible.

What Slack acts on: https://docs.slack.dev/messaging/formatting-message-text (mentions and links in angle brackets, `&`, mentions by
`@`, addresses that it makes links of). A character that would be acted on, or that nobody sees, is spelt as Python spells it.
"""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 200
"""Characters of one text: keys have up to 1024 bytes."""
SUBJECT: Final = 99
"""Characters of a subject, printable and ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
_ACTED_ON: Final = re.compile(r"[\\<>&`|]|(?<=:)/(?=/)|@(?=[^\W\d_])|(?<=www)\.", re.IGNORECASE)


def plain(text: str, most: int = MOST) -> str:
    """Return the text on one line, cut after `most` characters."""
    cut = text if len(text) <= most else text[:most] + "…"
    visible = "".join(char if char.isprintable() else _invisible(char) for char in _ACTED_ON.sub(_spelt, cut))
    return visible.strip() or "(empty)"


def coded(text: str, most: int = MOST) -> str:
    """Return the text as chats show code: its asterisks and underscores are themselves."""
    return f"`{plain(text, most)}`"


def subject_of(text: str) -> str:
    """Return a subject that SNS takes."""
    ascii_ = "".join(char if " " <= char <= "~" else "?" for char in text)
    return ascii_ if len(ascii_) <= SUBJECT else ascii_[: SUBJECT - 3] + "..."


def _spelt(match: re.Match[str]) -> str:
    return "\\\\" if match[0] == "\\" else f"\\x{ord(match[0]):02x}"


def _invisible(char: str) -> str:
    return char.encode("unicode_escape").decode()
