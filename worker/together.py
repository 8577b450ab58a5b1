"""Keys that are reconciled side by side, so that what became of them is told in one request.

Each goes as far as it can by itself. Who has something to tell waits for the others; when it is told, each goes on to its
commit. Whatever could not be told is thrown into its own reconcile, and is its outcome alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from worker.errors import OutOfTime, PipelineError
from worker.guard import guarded
from worker.lanes import Crowded
from worker.manifest import Manifest
from worker.renderer import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from worker.attempt import Outcome
    from worker.clock import Clock
    from worker.lanes import Lane, Lanes
    from worker.reconcile import Reconciled, Steps

    Publish = Callable[[Sequence[Manifest]], Mapping[int, PipelineError]]
    Reconcile = Callable[[str, Trial], Steps]


@dataclass(frozen=True)
class _Underway:
    """A key, its reconcile as far as that has come, and its lane if it is beside others."""

    key: str
    steps: Steps
    lane: Lane | None = None


class Together:
    """The keys of one batch.

    Attributes:
        outcomes: What became of each key so far.
        seconds: That each has taken so far, without the telling and without waiting for others.
    """

    def __init__(self, reconcile: Reconcile, publish: Publish, clock: Clock, lanes: Lanes | None = None) -> None:
        self._reconcile, self._publish, self._clock, self._lanes = reconcile, publish, clock, lanes
        self._untold: dict[str, tuple[_Underway, Manifest]] = {}
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
        if self._is_known(key):
            return None
        # A picture that is rendered apart is held to its time, whatever those before it have cost.
        if trial.seconds <= 0 or not (trial.apart or self._clock.allows_another()):
            return OutOfTime.unbegun()
        self._go_on(_Underway(key, self._reconcile(key, trial)), None)
        outcome = self.outcomes.get(key)
        if not isinstance(outcome, OutOfTime):
            return None
        del self.outcomes[key]
        return outcome

    def begin_all(self, keys: Iterable[str]) -> None:
        """Reconcile keys up to what is to be told, side by side if there are lanes and more than one key.

        One that the time was too short for has that as its outcome.
        """
        unknown = [key for key in dict.fromkeys(keys) if not self._is_known(key)]
        if self._lanes and len(unknown) > 1 and self._clock.allows_another():
            lanes = [(key, self._lanes.lane()) for key in unknown]
            begun = [_Underway(key, self._reconcile(key, self._trial(lane)), lane) for key, lane in lanes]
            self._go_on_beside([(each, None) for each in begun], self._lanes)
        else:
            for key in unknown:
                self._begin_alone(key)

    def _begin_alone(self, key: str) -> None:
        late = self.begin(key, self._trial())
        if late:
            self.outcomes[key] = late

    def _trial(self, lane: Lane | None = None) -> Trial:
        return Trial(self._clock.left, lane=lane)

    def _is_known(self, key: str) -> bool:
        return key in self.outcomes or key in self._untold

    def finish(self) -> None:
        """Tell, and go on with each, until nobody waits: who was overtaken meanwhile has something else to tell."""
        while self._untold:
            untold, self._untold = list(self._untold.values()), {}
            errors = self._tell([manifest for _, manifest in untold])
            going = [(each, error) for (each, _), error in zip(untold, errors, strict=True)]
            for each, error in going:
                if not each.lane:
                    self._go_on(each, error)
            if self._lanes:
                self._go_on_beside([(each, error) for each, error in going if each.lane], self._lanes)

    def _tell(self, manifests: Sequence[Manifest]) -> list[PipelineError | None]:
        """Return for each manifest why it was not told; None for one that was."""
        failed = guarded(lambda: self._publish(manifests))
        if isinstance(failed, PipelineError):
            return [failed] * len(manifests)
        return [failed.get(place) for place in range(len(manifests))]

    def _go_on(self, each: _Underway, error: PipelineError | None) -> None:
        """Have a key go on to what is to be told next, or to its outcome."""
        self._note(each, *self._step(each, error))

    def _go_on_beside(self, going: Sequence[tuple[_Underway, PipelineError | None]], lanes: Lanes) -> None:
        """Have keys go on side by side; then those alone that have to be, from their beginning."""
        found = lanes.run([partial(self._step, each, error) for each, error in going], self._clock)
        for (each, _), (step, seconds) in zip(going, found, strict=True):
            self._note(each, step, seconds)
        for (each, _), (step, _) in zip(going, found, strict=True):
            if isinstance(step, Crowded):
                self._begin_alone(each.key)

    def _step(self, each: _Underway, error: PipelineError | None) -> tuple[Manifest | Outcome | Crowded, float]:
        """Return what a key came to, and the seconds that took; in a lane, this runs in a thread of its own."""
        waited = each.lane.waited if each.lane else 0.0
        before = self._clock.remaining
        step = guarded(lambda: _next(each.steps, error))
        seconds = before - self._clock.remaining
        if each.lane:
            each.lane.swap(0)
            seconds -= each.lane.waited - waited
        self._clock.learn(seconds)
        return step, seconds

    def _note(self, each: _Underway, step: Manifest | Outcome | Crowded, seconds: float) -> None:
        self.seconds[each.key] += seconds
        if isinstance(step, Manifest):
            self._untold[each.key] = each, step
        elif not isinstance(step, Crowded):
            self.outcomes[each.key] = step


def _next(steps: Steps, error: PipelineError | None) -> Manifest | Reconciled | Crowded:
    """Return what is to be told next, or at the end what was done; `error`: the last was not told."""
    try:
        return next(steps) if error is None else steps.throw(error)
    except StopIteration as end:
        done: Reconciled = end.value
        return done
    except Crowded:
        return Crowded()  # One without a traceback, and without the picture in it.
