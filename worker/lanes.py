"""Pictures of one batch side by side: while one is rendered, the requests of the others are on their way.

Rendering is what takes processor and memory. There is one at a time, in the thread that runs the lanes: on the part of a
processor that a function has, a second one would make neither faster. What is read ahead is bounded in bytes, not in
pictures: it lies in memory beside the picture that is rendered, which has to fit all the same.

Knows nothing of pictures, keys or S3.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Condition
from typing import TYPE_CHECKING, Any, TypeVar

from worker.errors import OutOfTime, PipelineError
from worker.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from worker.clock import Clock

_T = TypeVar("_T")


class Crowded(Exception):
    """This one has to be alone."""


class _Turn(Future[Any]):
    """A call that waits for its turn."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__()
        self._call = call

    def take(self, clock: Clock) -> None:
        """Make the call, if the time allows another like the costliest so far."""
        if not clock.allows_another():
            self.set_exception(OutOfTime.unbegun())
            return
        try:
            with clock.measured():
                outcome = guarded(self._call)
        except BaseException:
            self.cancel()
            raise
        if isinstance(outcome, PipelineError):
            self.set_exception(outcome)
        else:
            self.set_result(outcome)


class Lanes:
    """Runs calls side by side, `width` of them at most; its threads stay for the next batch.

    Attributes:
        ahead: Bytes that the lanes hold together at most; one that is alone in holding any may hold more.
    """

    def __init__(self, width: int, ahead: int) -> None:
        self.ahead = ahead
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="lane")
        self._turns: SimpleQueue[_Turn | None] = SimpleQueue()
        self._held: dict[Lane, int] = {}
        self._room = Condition()

    def lane(self) -> Lane:
        """Return a lane for one of the calls."""
        return Lane(self)

    def run(self, calls: Sequence[Callable[[], _T]], clock: Clock) -> list[_T]:
        """Return what the calls return, in their order; until all have ended, this thread gives turns."""
        futures = [self._pool.submit(call) for call in calls]
        for future in futures:
            future.add_done_callback(lambda _: self._turns.put(None))
        turns = self._turns_until_end_of(len(futures))
        try:
            for turn in turns:
                turn.take(clock)
                del turn  # What it returned belongs to its lane alone.
        finally:
            # Where this thread is interrupted, nobody gets a turn any more, but all are waited for.
            for turn in turns:
                turn.cancel()
        return [future.result() for future in futures]

    def _turns_until_end_of(self, calls: int) -> Iterator[_Turn]:
        while calls:
            turn = self._turns.get()
            if turn is None:
                calls -= 1
            else:
                yield turn

    def wait_for(self, call: Callable[[], object]) -> _Turn:
        """Queue for a turn."""
        turn = _Turn(call)
        self._turns.put(turn)
        return turn

    @property
    def held(self) -> int:
        """Bytes that the lanes hold together now."""
        return sum(self._held.values())

    def hold(self, lane: Lane, size: int) -> None:
        """Have `lane` hold `size` bytes, and nothing else, as soon as there is room for them.

        What it holds is let go first: nobody waits for room and holds some.
        """
        with self._room:
            self._let_go(lane)
            self._room.wait_for(lambda: not self._held or self.held + size <= self.ahead)
            self._held[lane] = size

    def swap(self, lane: Lane, size: int) -> None:
        """Have `lane` hold `size` bytes instead, room or not; none: let go."""
        with self._room:
            self._let_go(lane)
            if size:
                self._held[lane] = size

    def _let_go(self, lane: Lane) -> None:
        self._held.pop(lane, None)
        self._room.notify_all()

    def beside(self, lane: Lane) -> int:
        """Return the bytes that the lanes but this one may hold until its turn is over."""
        with self._room:
            return max(self.ahead, self.held - self._held.get(lane, 0))


class Lane:
    """Where one call is beside others.

    Attributes:
        waited: Seconds that it waited so far, for room and for turns.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self.waited = 0.0

    @property
    def beside(self) -> int:
        """Bytes to be left to the others; asked in turn, it is enough until the turn is over."""
        return self._lanes.beside(self)

    def hold(self, size: int) -> None:
        """Wait for room for `size` bytes, and hold them until something else is held."""
        began = time.monotonic()
        self._lanes.hold(self, size)
        self.waited += time.monotonic() - began

    def swap(self, size: int) -> None:
        """Hold `size` bytes instead: they are there already."""
        self._lanes.swap(self, size)

    def in_turn(self, call: Callable[[], _T]) -> _T:
        """Return what `call` returns or raises when it is its turn; it is made in the thread that runs the lanes.

        Raises:
            OutOfTime: Too little time was left.
        """
        asked = time.monotonic()
        turn = self._lanes.wait_for(lambda: self._take(asked, call))
        try:
            returned: _T = turn.result()
        finally:
            # An error's traceback holds this frame: with the turn in it, which holds the error, neither would go.
            del turn
        return returned

    def _take(self, asked: float, call: Callable[[], _T]) -> _T:
        self.waited += time.monotonic() - asked
        return call()
