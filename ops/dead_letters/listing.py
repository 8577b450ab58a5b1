"""A dead letter as a line for people, and as a JSON document for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ops.dead_letters.filters import short
from ops.queues.letter import NO_REASON
from worker.contracts import names

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from datetime import datetime

    from ops.queues.letter import Letter
    from ops.session import Session

HEADER: Final = "id        verdict        reason               age   expires  attempts  redrives  key"
INCOMPLETE: Final = "SQS hides at most 120,000 messages at once: there are more letters than these."
_ID: Final = 8
_NO_KEY: Final = "(names no key)"


@dataclass(frozen=True)
class Lister:
    """Describes letters as of `now`.

    Attributes:
        bucket: The source bucket, whose keys are shown.
        retention: Seconds that the dead-letter queue keeps a letter from when it was first sent.
    """

    bucket: str
    retention: int
    now: datetime

    @classmethod
    def of(cls, session: Session) -> Lister:
        """Return the lister of a session's stack."""
        return cls(session.stack.source_bucket, session.dead_letters.retention(), session.now())

    def line(self, letter: Letter, verdict: str | None) -> str:
        """Return one line under `HEADER`."""
        keys = " ".join(letter.keys(self.bucket)) or _NO_KEY
        attempts = letter.number(names.ATTEMPTS)
        return (
            f"{letter.id[:_ID]}  {verdict or '-':<13}  {letter.reason or NO_REASON:<19}  "
            f"{short(self.now - letter.failed_at):>4}  {short(self._left(letter)):>7}  "
            f"{'-' if attempts is None else attempts:>8}  {letter.redrives:>8}  {keys}"
        )

    def document(self, letter: Letter, verdict: str | None) -> dict[str, Any]:
        """Return everything that operators ask of a letter, without its body."""
        return {
            "id": letter.id,
            "keys": list(letter.keys(self.bucket)),
            "verdict": verdict,
            "reason": letter.reason,
            "detail": letter.detail,
            "attempts": letter.number(names.ATTEMPTS),
            "redrives": letter.redrives,
            "failed_at": letter.failed_at.isoformat(timespec="seconds"),
            "sent_at": letter.sent_at.isoformat(timespec="seconds"),
            "expires_at": (letter.sent_at + timedelta(seconds=self.retention)).isoformat(timespec="seconds"),
            "original_message_id": letter.original_id,
            "request_id": letter.text("request-id"),
        }

    def _left(self, letter: Letter) -> timedelta:
        return letter.sent_at + timedelta(seconds=self.retention) - self.now


def counted(counts: Mapping[str, int]) -> str:
    """Return such as `3 retry, 1 permanent`, the most frequent first."""
    frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {name}" for name, count in frequent)


def letters(count: int) -> str:
    """Return `1 dead letter`, `2 dead letters`."""
    return f"{count} dead letter{'' if count == 1 else 's'}"


def summary(verdicts: Counter[str], seen: int, filters: str) -> str:
    """Return the last line of a list of letters that `filters` selected from all that were `seen`."""
    total = sum(verdicts.values())
    if total:
        return f"{letters(total)}: {counted(verdicts)}."
    return f"None of {letters(seen)} is selected by {filters}." if seen else "No dead letters."
