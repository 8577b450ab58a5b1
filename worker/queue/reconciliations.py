"""The keys of one batch, each reconciled once: its state was read after every message of the batch was sent."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import wait
from functools import partial
from typing import TYPE_CHECKING

from worker.contracts.errors import OutOfTime
from worker.process.guard import guarded
from worker.process.overlap import NeedsExclusive, Reservation
from worker.rendering.renderer import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from worker.contracts.errors import PipelineError
    from worker.process.clock import Clock
    from worker.process.overlap import Overlap
    from worker.reconcile.reconciler import Reconciled

    Outcome = Reconciled | PipelineError


class Reconciliations:
    """Reconciles keys, and remembers the outcome of each."""

    def __init__(
        self, reconcile: Callable[[str, Budget], Reconciled], clock: Clock, overlap: Overlap | None = None
    ) -> None:
        self._reconcile, self._clock, self._overlap = reconcile, clock, overlap
        self._outcomes: dict[str, Outcome] = {}
        self._started: dict[str, Future[Outcome | None]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def start(self, keys: Iterable[str]) -> None:
        """Start to reconcile `keys` in threads, if there are several; `outcome` waits for each."""
        unknown = [key for key in dict.fromkeys(keys) if key not in self._outcomes]
        overlap = self._overlap
        if overlap and len(unknown) > 1 and self._clock.allows_another():
            self._started = {key: overlap.start(partial(self._overlapped, overlap, key)) for key in unknown}

    def outcome(self, key: str, budget: Budget) -> Outcome:
        """Return the outcome of `key`: known already, started, or reconciled now within `budget`.

        `OutOfTime` is not remembered: a later budget may be larger.
        """
        if key in self._outcomes:
            return self._outcomes[key]
        outcome = self._started_outcome(key) or self._alone(key, budget)
        if not isinstance(outcome, OutOfTime):
            self._outcomes[key] = outcome
        return outcome

    def pop_seconds(self, key: str) -> float:
        """Return the seconds that `key` has taken since the last call, without the wait for others."""
        return self._seconds.pop(key, 0.0)

    def _started_outcome(self, key: str) -> Outcome | None:
        """Return the outcome of a key that was started; for any other key wait for those that were, and return None."""
        future = self._started.pop(key, None)
        outcome = future.result() if future else None
        if outcome is None:
            wait(self._started.values())
        return outcome

    def _alone(self, key: str, budget: Budget) -> Outcome:
        # A picture in a child process is held to its time, whatever those before it have cost.
        if budget.seconds <= 0 or not (budget.in_child or self._clock.allows_another()):
            return OutOfTime.not_started()
        began = self._clock.remaining
        outcome = guarded(lambda: self._reconcile(key, budget))
        self._learn(key, began - self._clock.remaining)
        return outcome

    def _overlapped(self, overlap: Overlap, key: str) -> Outcome | None:
        """Reconcile beside others, in a thread of the overlap; return None if that takes all of the memory."""
        if not self._clock.allows_another():
            return OutOfTime.not_started()
        reservation = Reservation(overlap, self._clock)
        budget = Budget(self._clock.left, reservation=reservation)

        def reconcile() -> Reconciled | None:
            try:
                return self._reconcile(key, budget)
            except NeedsExclusive:
                return None

        began = self._clock.remaining
        outcome = guarded(reconcile)
        reservation.replace(0)
        self._learn(key, began - self._clock.remaining - reservation.waited)
        return outcome

    def _learn(self, key: str, seconds: float) -> None:
        self._seconds[key] += seconds
        self._clock.learn(seconds)
