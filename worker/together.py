"""Keys that are reconciled side by side, so that what became of them is told in one request.

Each goes as far as it can by itself. Who has something to tell waits for the others; when it is told, each goes on to its
commit. Whatever could not be told is thrown into its own reconcile, and is its outcome alone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from worker.errors import OutOfTime, PipelineError
from worker.guard import guarded
from worker.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.attempt import Outcome
    from worker.clock import Clock
    from worker.reconcile import Reconciled, Steps
    from worker.renderer import Trial

    Publish = Callable[[Sequence[Manifest]], Mapping[int, PipelineError]]
    Reconcile = Callable[[str, Trial], Steps]


class Together:
    """The keys of one batch.

    Attributes:
        outcomes: What became of each key so far.
        seconds: That each has taken so far, without the telling.
    """

    def __init__(self, reconcile: Reconcile, publish: Publish, clock: Clock) -> None:
        self._reconcile, self._publish, self._clock = reconcile, publish, clock
        self._untold: dict[str, tuple[Steps, Manifest]] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @property
    def waiting(self) -> int:
        """How many keys wait to be told of."""
        return len(self._untold)

    def begin(self, key: str, trial: Trial) -> OutOfTime | None:
        """Reconcile `key` up to what is to be told; return why not, if the time was too short.

        Once in a batch: every hint in it is older than that.
        """
        if key in self.outcomes or key in self._untold:
            return None
        # A picture that is rendered apart is held to its time, whatever those before it have cost.
        if trial.seconds <= 0 or not (trial.apart or self._clock.allows_another()):
            return OutOfTime("Too little time was left; lower batchSize or raise workerTimeout if that happens often.")
        self._go_on(key, self._reconcile(key, trial), None)
        outcome = self.outcomes.get(key)
        if not isinstance(outcome, OutOfTime):
            return None
        del self.outcomes[key]
        return outcome

    def finish(self) -> None:
        """Tell, and go on with each, until nobody waits: who was overtaken meanwhile has something else to tell."""
        while self._untold:
            untold, self._untold = self._untold, {}
            errors = self._tell([manifest for _, manifest in untold.values()])
            for (key, (steps, _)), error in zip(untold.items(), errors, strict=True):
                self._go_on(key, steps, error)

    def _tell(self, manifests: Sequence[Manifest]) -> list[PipelineError | None]:
        """Return for each manifest why it was not told; None for one that was."""
        failed = guarded(lambda: self._publish(manifests))
        if isinstance(failed, PipelineError):
            return [failed] * len(manifests)
        return [failed.get(place) for place in range(len(manifests))]

    def _go_on(self, key: str, steps: Steps, error: PipelineError | None) -> None:
        """Have `key` go on to what is to be told next, or to its outcome."""
        before = self._clock.remaining
        with self._clock.measured():
            step = guarded(lambda: _step(steps, error))
        self.seconds[key] += before - self._clock.remaining
        if isinstance(step, Manifest):
            self._untold[key] = steps, step
        else:
            self.outcomes[key] = step


def _step(steps: Steps, error: PipelineError | None) -> Manifest | Reconciled:
    """Return what is to be told next, or at the end what was done; `error`: the last was not told."""
    try:
        return next(steps) if error is None else steps.throw(error)
    except StopIteration as end:
        done: Reconciled = end.value
        return done
