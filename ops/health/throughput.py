"""What the worker did in the last five minutes, by CloudWatch's metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ops.stack.metrics import MINUTES, handled_messages, latest, of_worker, resampled_with_simd, retried

if TYPE_CHECKING:
    from ops.session import Session


@dataclass(frozen=True)
class Throughput:
    """The worker in the last five minutes; `simd` is the share of batches that resampled with it. None: CloudWatch has no number."""

    messages: float | None
    batches: float | None
    errors: float | None
    throttles: float | None
    simd: float | None
    retried: float | None = None

    def line(self) -> str:
        """Return it for people."""
        messages = "" if self.messages is None else f"{self.messages:.0f} messages handled, "
        messages += f"{self.retried:.0f} tried again, " if self.retried else ""
        return (
            f"{'last ' + str(MINUTES) + ' minutes':<18}  {messages}{self.batches or 0:.0f} batches,"
            f" {self.errors or 0:.0f} failed, {self.throttles or 0:.0f} throttled{self._resampled()}"
        )

    def _resampled(self) -> str:
        if self.simd is None:
            return ""
        if self.simd == 0:
            return ", resampled by Pillow"
        return ", resampled with SIMD" + (
            f" in {self.simd:.0%} of the batches".replace("%", " %") if self.simd < 1 else ""
        )

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self)

    @classmethod
    def of(cls, session: Session) -> Throughput:
        """Read CloudWatch's metrics.

        Raises:
            Refusal: AWS does not say.
        """
        clients, function, now = session.clients, session.stack.worker_function, session.now()
        return cls(
            messages=latest(clients, handled_messages(session.queue.name), now),
            batches=latest(clients, of_worker("Invocations", function), now),
            errors=latest(clients, of_worker("Errors", function), now),
            throttles=latest(clients, of_worker("Throttles", function), now),
            simd=latest(clients, resampled_with_simd(function), now),
            retried=latest(clients, retried(function), now),
        )
