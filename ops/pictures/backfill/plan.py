"""What a backfill is about to do: how many pictures, what they weigh, and what that costs and takes, about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.pictures.cost import prices
from ops.pictures.cost.design import MILLION, Design, of_pipeline
from ops.pictures.cost.simulation import Setting, drain
from ops.pictures.recipe.plan import duration_in_words

if TYPE_CHECKING:
    from ops.pictures.backfill.backfill import Seen
    from ops.stack.deployment import Deployment
    from ops.stack.outputs import BackfillLimits

PHOTOGRAPH: Final = 0.306
"""CPU seconds of one of 4 to 18 megapixels, without SIMD: docs/costs.md. Small pictures take less."""
_LOOKS: Final = 2
"""Manifests that `--outdated` reads of each picture: for its plan, and when it sends."""
_GIGABYTE: Final = 1024**3
_MANY: Final = 1000
"""Pictures above which a backfill asks before it spends so much; a slip costs a cent up to there."""


@dataclass(frozen=True)
class BackfillPlan:
    """One backfill.

    Attributes:
        examples: Keys.
        outdated: Whether manifests were read.
        limits: None where the stack does not say how many batches run at once: then nobody knows how long it takes.
    """

    seen: Seen
    examples: tuple[str, ...]
    outdated: bool
    deployment: Deployment
    limits: BackfillLimits | None

    @property
    def question(self) -> str | None:
        """What has to be answered first; None for what is small and deletes nothing."""
        if self.seen.deletes:
            return f"Send {self.seen.chosen:,}, and delete what is listed?"
        return f"Send {self.seen.chosen:,}?" if self.seen.chosen > _MANY else None

    @property
    def dollars(self) -> float:
        """At list prices of us-east-1, as if all were photographs."""
        readable = self._readable
        batch = self.limits.batch_size if self.limits else 1
        design, deployment = self._design, self.deployment
        read = (
            sum(prices.RETRIEVAL_GIGABYTE.get(name, 0.0) * size for name, size in self.seen.bytes.items()) / _GIGABYTE
        )
        return design.cost(deployment.memory, deployment.architecture, batch) * readable / MILLION + read

    @property
    def seconds(self) -> float | None:
        """From the first message to the last picture."""
        if self.limits is None:
            return None
        each = self._design.seconds(self.deployment.memory, self.limits.batch_size)
        return drain(self._readable, Setting(self.limits.concurrency, self.limits.batch_size, each)).seconds

    def lines(self) -> list[str]:
        """Return it for people."""
        seen = self.seen
        return [
            f"pictures        {seen.listed:,}",
            f"  to look at    {seen.chosen:,}, {seen.bytes.total():,} bytes",
            *(f"    {key}" for key in self.examples),
            *(["    ..."] if seen.chosen > len(self.examples) else []),
            *([f"  archived      {seen.archived:,} of them: restore them first"] if seen.archived else []),
            *([f"  ignored       {seen.ignored:,}, by the recipes"] if seen.ignored else []),
            *([f"  rejected      {seen.rejected:,}, and would be again"] if seen.rejected else []),
            *(f"  deletes       {count:,} {name}" for name, count in sorted(seen.deletes.items())),
            *(
                []
                if self.outdated
                else ["  deletes       renditions that no recipe names any more; --outdated counts them"]
            ),
            *self._estimate_lines(),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        seen, seconds = self.seen, self.seconds
        return {
            "listed": seen.listed,
            "chosen": seen.chosen,
            "bytes": seen.bytes.total(),
            "archived": seen.archived,
            "ignored": seen.ignored,
            "rejected": seen.rejected,
            "deletes": dict(sorted(seen.deletes.items())),
            "examples": list(self.examples),
            "dollars": round(self.dollars, 2),
            "seconds": None if seconds is None else round(seconds),
        }

    @property
    def _readable(self) -> int:
        return self.seen.chosen - self.seen.archived

    @property
    def _design(self) -> Design:
        renditions = self.seen.renditions / max(1, self.seen.chosen)
        return of_pipeline(PHOTOGRAPH, renditions, looks=_LOOKS if self.outdated else 0)

    def _estimate_lines(self) -> list[str]:
        if not self._readable:
            return []
        lines = [f"  costs         at most about ${self.dollars:,.2f}, if all are photographs and outdated"]
        seconds = self.seconds
        if seconds is None or self.limits is None:
            return [
                *lines,
                "  takes         nobody knows: deploy the stack again, which then says how many run at once",
            ]
        pace = f"worker.backfillConcurrency {self.limits.concurrency}"
        lines.append(f"  takes         at most about {duration_in_words(seconds)} at {pace}")
        if seconds > self.limits.retention:
            enough = math.ceil(self.limits.concurrency * seconds / self.limits.retention)
            lines.append(
                f"  too slow      SQS drops what waits for {duration_in_words(self.limits.retention)}: raise"
                f" worker.backfillConcurrency to {enough} or more, and deploy"
            )
        return lines
