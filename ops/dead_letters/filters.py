"""Which letters a command is about: the same filters for all commands. Pure, but for the judge that it is handed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from ops.queues.letter import NO_REASON

if TYPE_CHECKING:
    from ops.queues.letter import Letter

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Filters:
    """A letter is selected if every filter matches; of several values of one filter, one must match.

    Attributes:
        reasons: Codes, or `none` for letters that carry no reason.
        verdicts: See `ops.dead_letters.verdict`; judged only where there are any.
        keys: Shell patterns of which `*` matches slashes too; case matters.
        older_than: Since the worker gave the picture up.
        newer_than: Same.
        ids: Message ids, or how they start.
    """

    reasons: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    older_than: timedelta | None = None
    newer_than: timedelta | None = None
    ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is filtered."""
        return self != Filters()

    def select(self, letter: Letter, bucket: str, now: datetime) -> bool:
        """Return whether all filters but the verdict match."""
        return (
            (not self.reasons or (letter.reason or NO_REASON) in self.reasons)
            and (not self.ids or letter.id.startswith(self.ids))
            and self._select_age(now - letter.failed_at)
            and self._select_keys(letter.keys(bucket) if self.keys else ())
        )

    def _select_age(self, age: timedelta) -> bool:
        return (self.older_than is None or age >= self.older_than) and (
            self.newer_than is None or age <= self.newer_than
        )

    def _select_keys(self, keys: tuple[str, ...]) -> bool:
        return not self.keys or any(fnmatchcase(key, pattern) for key in keys for pattern in self.keys)

    def describe(self) -> str:
        """Return them as they are typed, or `all`."""
        parts = [
            *(f"--reason {reason}" for reason in self.reasons),
            *(f"--verdict {verdict}" for verdict in self.verdicts),
            *(f"--key '{key}'" for key in self.keys),
            *([f"--older-than {short(self.older_than)}"] if self.older_than is not None else []),
            *([f"--newer-than {short(self.newer_than)}"] if self.newer_than is not None else []),
            *(f"--id {id_}" for id_ in self.ids),
        ]
        return " ".join(parts) or "all"


def duration(text: str) -> timedelta:
    """Read such as `90s`, `10m`, `3h` or `2d`.

    Raises:
        ValueError: It is none.
    """
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise ValueError(f"{text!r} is no duration; write such as 90s, 10m, 3h or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def short(span: timedelta) -> str:
    """Write a duration with the largest unit that fits: `2d`, `3h`, `10m`, `90s`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * length or (seconds and seconds % length == 0):
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
