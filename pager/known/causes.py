"""Why: the lines of a log by reason, what has to be repaired first. Pure.

Every message that is tried again is a dead letter after its last attempt (`worker/queue/settlement.py`). Most reasons to try again pass
by themselves; those of `REPAIR` stay until a person acts, and make dead letters of whatever is redriven before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pager.known.log_lines import BROKEN, FINISHED, REDRIVEN, REFUSED, REJECTED, RETRIED, UNANSWERED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pager.known.log_lines import Line

KEYS: Final = 3
"""The first keys that are named of each cause."""
NONE: Final = "none"
"""The reason of dead letters without one, as the runbook has it."""
_ABOUT: Final[Mapping[str, tuple[str, ...]]] = {
    "dead-letters": (REJECTED, UNANSWERED, BROKEN, RETRIED),
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
REPAIR: Final = frozenset({"access-denied", "unexpected-error"})
_NO_ANSWER: Final = "No line of the log tells of them: the worker was killed or throttled on every attempt."


@dataclass(frozen=True)
class Cause:
    """All lines of one kind and reason.

    Attributes:
        count: Of what is tried again: pictures; of all others: lines.
        first_at: Milliseconds since the epoch; None where no line says.
        keys: The first, no key twice; those that are done last.
        detail: Of the first line that has one.
        done: Pictures among those that were tried again that another attempt has done.
    """

    kind: str
    reason: str
    count: int
    first_at: int | None
    keys: tuple[str, ...]
    detail: str
    done: int = 0

    @property
    def blocks(self) -> bool:
        """Whether a person has to repair it before anything else helps."""
        return (self.kind in (BROKEN, UNANSWERED) or self.reason in REPAIR) and self.done < self.count


def causes_of(key: str, lines: Sequence[Line], unanswered: int = 0) -> tuple[Cause, ...]:
    """Return the causes of the kinds that the alarm is about, `unanswered` dead letters without a reason among them.

    First is what has to be repaired first, then the first kind; what is done is last. Of each the most frequent comes first.
    """
    kinds = next((kinds for start, kinds in _ABOUT.items() if key.startswith(start)), _WAITING)
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.kind in kinds:
            groups.setdefault((line.kind, line.reason), []).append(line)
    given_up, done = _latest(lines, {REJECTED}), _latest(lines, {REDRIVEN, FINISHED})
    causes = [_cause(kind, reason, members, given_up, done) for (kind, reason), members in groups.items()]
    if unanswered and UNANSWERED in kinds:
        causes.append(Cause(UNANSWERED, NONE, unanswered, None, (), _NO_ANSWER))

    def place(cause: Cause) -> tuple[bool, int, int, str]:
        return cause.done == cause.count, -1 if cause.blocks else kinds.index(cause.kind), -cause.count, cause.reason

    return tuple(sorted((cause for cause in causes if cause.count), key=place))


def _latest(lines: Iterable[Line], kinds: Collection[str]) -> dict[str, int]:
    """Return when the last line of these kinds was, by key; the lines are in order."""
    return {key: line.at for line in lines if line.kind in kinds for key in line.keys}


def _cause(
    kind: str, reason: str, lines: Sequence[Line], given_up: Mapping[str, int], done: Mapping[str, int]
) -> Cause:
    """Return the cause that the lines tell of; a picture that was given up after it was tried again is told as that alone."""
    latest, count, ready = _latest(lines, {kind}), len(lines), set()
    if kind == RETRIED:
        latest = {key: at for key, at in latest.items() if given_up.get(key, -1) < at}
        ready = {key for key, at in latest.items() if done.get(key, -1) >= at}
        count = len(latest) + sum(1 for line in lines if not line.keys)
    detail = next((line.detail for line in lines if line.detail), "")
    keys = tuple(sorted(latest, key=ready.__contains__))
    return Cause(kind, reason, count, min(line.at for line in lines), keys[:KEYS], detail, len(ready))
