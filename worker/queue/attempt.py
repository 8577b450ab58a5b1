"""An attempt at a message: the outcome of each of its keys, and so its own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.contracts.errors import PipelineError, Retry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.queue.triage import Hint
    from worker.reconcile.reconciler import Reconciled

    Outcome = Reconciled | PipelineError


@dataclass(frozen=True)
class Attempt:
    """A message with the outcome of each of its keys, and the seconds that took."""

    hint: Hint
    outcomes: Sequence[Outcome]
    seconds: float

    @property
    def error(self) -> PipelineError | None:
        """A Retry if any key may still succeed, else the first Reject; None if all keys succeeded."""
        errors = [outcome for outcome in self.outcomes if isinstance(outcome, PipelineError)]
        return next((error for error in errors if isinstance(error, Retry)), errors[0] if errors else None)

    def facts(self, error: PipelineError | None) -> dict[str, Any]:
        """Return the fields of the log line; `error` is the outcome of the message."""
        return {
            "keys": self.hint.keys,
            "versions": [each.version for each in self.outcomes],
            "results": [each.reason if isinstance(each, PipelineError) else each.result for each in self.outcomes],
            "reason": error and error.reason,
            "detail": error and error.detail,
            "message_id": self.hint.message.message_id,
            "attempt": self.hint.message.receive_count,
            "redrives": self.hint.message.redrives,
            "milliseconds": round(self.seconds * 1000),
        }
