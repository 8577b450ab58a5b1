"""The worker's latest attempt at one picture, from its log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from ops.dead_letters.worker_log import lines_about
from ops.terminal.errors import Refusal
from worker.contracts.errors import Retry, reasons
from worker.contracts.names import DONE, REJECT, RETRY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ops.queues.letter import Letter
    from ops.stack.worker_log import Line, WorkerLog

_SPANS: Final = tuple(timedelta(minutes=minutes) for minutes in (-2, 5, 60, 24 * 60))
"""Before now. CloudWatch answers from the oldest line on, and the latest is wanted: so the last minutes are read first. This
computer's clock may be slow."""
_PAGES: Final = 10
"""Of each span."""
_WORD: Final = re.compile(r"[\w./-]+")
"""What JSON and a filter pattern spell as it is in a key."""
_LONGEST_WORD: Final = 200
"""Characters; a filter pattern has 1,024 at most."""
_OUTCOMES: Final = frozenset({DONE, RETRY, REJECT})
_RETRIED: Final = reasons(Retry)


@dataclass(frozen=True)
class Attempt:
    """One attempt.

    Attributes:
        at: When it ended, UTC.
        result: What became of the picture: a reason, or such as `ready`.
        detail: Of the reason.
        retry_at: About when the message comes back, UTC; None where it does not, or the worker is too old to say.
    """

    at: datetime
    result: str
    detail: str | None = None
    retry_at: datetime | None = None

    @property
    def is_retried(self) -> bool:
        """Whether it failed with a reason to try again."""
        return self.result in _RETRIED

    def __str__(self) -> str:
        """Return such as `2026-11-26T05:02:11Z, access-denied: s3:PutObject is not allowed.`."""
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ}, {self.result}" + (f": {self.detail}" if self.detail else "")

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "result": self.result,
            "detail": self.detail,
            "retry_at": self.retry_at and self.retry_at.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True)
class NotSeen:
    """No attempt was seen; a sentence says why."""

    why: str

    def __str__(self) -> str:
        """Return the sentence."""
        return self.why

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"not_seen": self.why}


def latest_attempt(log: WorkerLog, key: str, since: datetime | None, now: datetime) -> Attempt | NotSeen:
    """Return the latest attempt at `key` within a day; `since`: when its source was written, None without one."""
    word = max(_WORD.findall(key), key=len, default="keys")[:_LONGEST_WORD]
    is_all = True
    earliest = min(now, max(filter(None, (since, now - _SPANS[-1]))))
    try:
        for newer, older in pairwise(_SPANS):
            excerpt = log.read(word, max(earliest, now - older), now - newer, pages=_PAGES)
            is_all = is_all and excerpt.is_all
            if attempts := _attempts(excerpt.lines, key):
                return attempts[-1]
            if earliest >= now - older:
                break
    except Refusal as exc:
        return NotSeen(f"not known: {exc}")
    where = "the worker's log" if is_all else "what was read of the worker's log, which is long,"
    return NotSeen(f"none in {where} since {earliest:%Y-%m-%dT%H:%M:%SZ}")


def latest_attempt_of(log: WorkerLog, letter: Letter, key: str, now: datetime) -> Attempt | NotSeen:
    """Return the latest attempt at `key` by the message that became a dead letter without a reason."""
    try:
        attempts = _attempts(lines_about(log, letter, now), key)
    except Refusal as exc:
        return NotSeen(f"not known: {exc}")
    return attempts[-1] if attempts else NotSeen("none in the worker's log: none lived to reply")


def _attempts(lines: Iterable[Line], key: str) -> list[Attempt]:
    found = ((line.at, line.document) for line in lines)
    return [_attempt(at, document, key) for at, document in found if _is_about(document, key)]


def _is_about(document: dict[str, Any], key: str) -> bool:
    return document.get("event") in _OUTCOMES and key in document.get("keys", [])


def _attempt(at: datetime, document: dict[str, Any], key: str) -> Attempt:
    """Return what a line says of `key`: of several, each has a result of its own, and the message has the reason of one."""
    keys, reason, retry_in = document["keys"], document.get("reason"), document.get("retry_in")
    result = document["results"][keys.index(key)]
    if len(keys) == 1 and reason:
        result = reason
    return Attempt(
        at=at,
        result=result,
        detail=document.get("detail") if result == reason else None,
        retry_at=None if retry_in is None else at + timedelta(seconds=retry_in),
    )
