"""Why: the lines of a log by reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pager.known.log_lines import BROKEN, REDRIVEN, REFUSED, REJECTED, RETRIED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pager.known.log_lines import Line

KEYS: Final = 3
"""The first keys that are named of each cause."""
_ORDER: Final = (REJECTED, BROKEN, RETRIED, REFUSED)


@dataclass(frozen=True)
class Cause:
    """All lines of one kind and reason.

    Attributes:
        first_at: Milliseconds since the epoch.
        keys: The first, no key twice.
        detail: Of the first line that has one.
    """

    kind: str
    reason: str
    count: int
    first_at: int
    keys: tuple[str, ...]
    detail: str


def causes_of(lines: Iterable[Line]) -> tuple[Cause, ...]:
    """Return the causes: what was rejected first, the most frequent first."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.kind != REDRIVEN:
            groups.setdefault((line.kind, line.reason), []).append(line)
    causes = [_cause(kind, reason, members) for (kind, reason), members in groups.items()]
    return tuple(sorted(causes, key=lambda cause: (_ORDER.index(cause.kind), -cause.count, cause.reason)))


def _cause(kind: str, reason: str, lines: list[Line]) -> Cause:
    keys = tuple(dict.fromkeys(key for line in lines for key in line.keys))
    detail = next((line.detail for line in lines if line.detail), "")
    return Cause(kind, reason, len(lines), min(line.at for line in lines), keys[:KEYS], detail)
