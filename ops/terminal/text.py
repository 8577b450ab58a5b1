"""Text of others, such as a key or a detail, made safe to print; and words made into a command that can be pasted.

A key may be any UTF-8: an escape sequence that clears the screen, a newline that forges a line, a quote that ends a word.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def printable(text: str) -> str:
    """Return one line: what a terminal would act on instead of showing it is spelt, such as an escape or a line end."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def json_line(document: Any) -> str:
    """Return a document as JSON on one line, which a terminal shows and does not act on."""
    text = json.dumps(document, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def command_of(words: Iterable[str]) -> str:
    """Return a command line for a POSIX shell that passes on exactly these words."""
    return " ".join(_quoted(word) for word in words)


def argument(key: str) -> tuple[str, ...]:
    """Return the words that hand a key over: one that begins with a dash would be an option."""
    return ("--", key) if key.startswith("-") else (key,)


def _quoted(word: str) -> str:
    """Quote a word; one with control characters as `$'...'`, which bash, zsh and ksh read."""
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(map(_spelt, word)) + "'"


def _spelt(character: str) -> str:
    if character.isprintable():
        return f"\\{character}" if character in "'\\" else character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
