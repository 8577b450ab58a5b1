"""One invocation's part of an audit: it goes on where the last one stopped, and begins a new one when that is due.

A schedule starts an invocation every few minutes, far more often than an audit is due: whatever ends one, the next goes on from what
was saved. What was found is sent before that is saved, so that a hint may be sent twice and is never left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from worker.audit.patrol import Patrol
from worker.audit.wounds import OUTDATED, SHARES, WOUNDS, Judge
from worker.contracts.function.settings import AUDIT_TICK

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.audit.buckets import Buckets
    from worker.audit.hints import BackfillQueue
    from worker.audit.patrol import Judged, RunAll
    from worker.audit.state import State, StateFile
    from worker.contracts.recipes.by_prefix import Recipes

_RESERVE: Final = 60
"""Seconds of an invocation that are kept for what is under way."""
_SAVED_EVERY: Final = 60
LOOKS: Final = "looks"
AGAIN: Final = "again"


@dataclass(frozen=True)
class Audit:
    """The audits of one deployment.

    Attributes:
        buckets: Both.
        queue: That takes the hints.
        file: The state.
        recipes: Of the deployment.
        period: Seconds from one audit's beginning to the next one's.
        settled_after: Seconds in which a message of a picture may still be under way.
        expire_after: Seconds after which the output bucket deletes outputs; 0 for never.
        run_all: Makes requests of which none depends on another.
        now: Seconds since the epoch.
    """

    buckets: Buckets
    queue: BackfillQueue
    file: StateFile
    recipes: Recipes
    period: float
    settled_after: float
    expire_after: float
    run_all: RunAll
    now: Callable[[], float]

    def __call__(self, remaining: Callable[[], float]) -> State | None:
        """Go on for as long as there are seconds `remaining`; return the state of an audit that has ended here, else None.

        Raises:
            Conflict: Another invocation is at it.
            NotSent: SQS did not take a hint.
            botocore's errors: AWS did not answer, or refused.
        """
        state = self.file.read()
        fingerprint = self.recipes.fingerprint
        if state.ended:
            if state.run and self.now() < state.began + self.period - AUDIT_TICK:
                return None
            state = state.begun(self.now(), fingerprint)
        elif state.recipes != fingerprint:
            state.recipes = ""
        return self._go_on(state, remaining)

    def _go_on(self, state: State, remaining: Callable[[], float]) -> State | None:
        judge = Judge(
            self.recipes,
            self.now(),
            self.settled_after,
            self.expire_after,
            trusts_recipes=state.trusted == self.recipes.fingerprint,
            share=state.run % SHARES,
        )
        patrol = Patrol(self.buckets, judge, self.run_all, state.where)
        saved = self.now()
        looks = 0
        for chunk in patrol.chunks():
            self._handle(chunk, state, patrol.looks - looks)
            looks = patrol.looks
            if remaining() < _RESERVE:
                self.file.save(state)
                return None
            if self.now() > saved + _SAVED_EVERY:
                self.file.save(state)
                saved = self.now()
        return self._end(state)

    def _handle(self, chunk: list[Judged], state: State, looks: int) -> None:
        wounds = [each for each in chunk if each.verdict.is_wound]
        self.queue.send(wounds)
        counts = Counter(state.counts)
        counts.update(each.verdict.kind for each in chunk)
        counts.update({LOOKS: looks, AGAIN: state.remember(each.picture for each in wounds)})
        state.counts = dict(counts)

    def _end(self, state: State) -> State:
        outdated = state.counts.get(OUTDATED, 0)
        is_proven = state.recipes == state.trusted or (state.recipes == state.looked and not outdated)
        ended = replace(
            state,
            ended=True,
            looked=state.recipes,
            trusted=state.recipes if is_proven else "",
        )
        self.file.save(ended)
        return ended


def found(state: State) -> int:
    """Return how many wounds an audit has found."""
    return sum(state.counts.get(kind, 0) for kind in WOUNDS)
