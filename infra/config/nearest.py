"""What was most likely meant by a name that is none, and whether a value has the shape for it. Pure."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from infra.config.problems import Path

_LIKE: Final = 0.6
"""Of the letters of two words, what they share if one is likely to be the other, misspelt."""


def closest(word: str, words: Collection[str]) -> str | None:
    """Return the one of `words` that `word` most likely stands for, the first of those that are equally near, or nothing."""

    def likeness(known: str) -> float:
        return difflib.SequenceMatcher(None, word.lower(), known.lower()).ratio()

    nearest = max(words, key=likeness, default=None)
    return nearest if nearest is not None and likeness(nearest) >= _LIKE else None


def spellings(paths: Iterable[Path]) -> dict[str, Path]:
    """Return the ways to spell each path without its dots: its last part alone, or all of them in a row."""
    return {spelt: path for path in paths for spelt in (str(path[-1]), "".join(map(str, path)))}


def fits(value: Any, default: Any) -> bool:
    """Whether a value has the shape of a default: where there is none, every shape but a list's will do."""
    if isinstance(value, dict):
        parts = default if isinstance(default, dict) else {}
        is_object = default is None or isinstance(default, dict)
        return is_object and all(fits(part, parts.get(name)) for name, part in value.items())
    if isinstance(value, list):
        return isinstance(default, list) and all(fits(entry, "") for entry in value)
    return not isinstance(default, dict | list)
