"""Why: the lines of a log by reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pager.known.log_lines import BROKEN, REFUSED, REJECTED, RETRIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pager.known.log_lines import Line

KEYS: Final = 3
"""The first keys that are named of each cause."""
_ABOUT: Final[Mapping[str, tuple[str, ...]]] = {
    "dead-letters": (REJECTED, BROKEN, RETRIED),
    "rejects": (REJECTED, RETRIED),
    "worker-errors": (BROKEN,),
    "worker-": (),
    "audit-found": (REJECTED, RETRIED),
    "audit-": (BROKEN,),
    "page-errors": (BROKEN,),
    "page-": (REFUSED,),
    "uploader-": (),
    "undelivered": (),
    "unread": (),
}
"""The kinds that an alarm is about, by the beginning of its name: the first that fits."""
_WAITING: Final = (RETRIED, BROKEN, REJECTED)
"""Of all others, which are about messages that wait."""


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


def causes_of(key: str, lines: Iterable[Line]) -> tuple[Cause, ...]:
    """Return the causes of the kinds that the alarm is about, the first kind first, of each the most frequent first."""
    kinds = next((kinds for start, kinds in _ABOUT.items() if key.startswith(start)), _WAITING)
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.kind in kinds:
            groups.setdefault((line.kind, line.reason), []).append(line)
    causes = [_cause(kind, reason, members) for (kind, reason), members in groups.items()]
    return tuple(sorted(causes, key=lambda cause: (kinds.index(cause.kind), -cause.count, cause.reason)))


def _cause(kind: str, reason: str, lines: list[Line]) -> Cause:
    keys = tuple(dict.fromkeys(key for line in lines for key in line.keys))
    detail = next((line.detail for line in lines if line.detail), "")
    return Cause(kind, reason, len(lines), min(line.at for line in lines), keys[:KEYS], detail)
