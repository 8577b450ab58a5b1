"""The dead letters, counted by reason, and when SQS deletes the first: every letter that nobody else hides, not a sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from ops.dead_letters.filters import short
from ops.queues.letter import NO_REASON
from ops.queues.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ops.queues.queue import Queue


@dataclass(frozen=True)
class Tally:
    """Dead letters.

    Attributes:
        reasons: How many there are of each.
        expires: When SQS deletes the first; None without letters. CloudWatch's age of the oldest leaves out what was
            received three times, and reading letters receives them:
            https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
        keys: That they are about.
    """

    reasons: Mapping[str, int] = field(default_factory=dict)
    expires: datetime | None = None
    keys: frozenset[str] = frozenset()

    @classmethod
    def of(cls, dead_letters: Queue, bucket: str) -> Tally:
        """Read every letter; `bucket` is the source bucket, which their keys are of.

        Raises:
            Refusal: AWS does not show them.
        """
        with Sweep(dead_letters) as sweep:
            seen = [(letter.reason or NO_REASON, letter.sent_at, letter.keys(bucket)) for letter in sweep.letters()]
        if not seen:
            return cls()
        first = min(sent_at for _, sent_at, _ in seen) + timedelta(seconds=dead_letters.retention())
        return cls(Counter(reason for reason, *_ in seen), first, frozenset(key for *_, keys in seen for key in keys))

    @property
    def total(self) -> int:
        """Of all reasons."""
        return sum(self.reasons.values())

    def lines(self, now: datetime) -> list[str]:
        """Return it for people."""
        first = [] if self.expires is None else [f"the first expires in {short(self.expires - now)}"]
        return [*(f"{count} {reason}" for reason, count in sorted(self.reasons.items())), *first]
