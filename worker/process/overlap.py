"""Overlaps the pictures of a batch: the requests of some are under way while another one is rendered.

Rendering takes the processor and the memory. One picture is rendered at a time: on the part of a processor that a function
has, a second one would make neither faster. What the others hold meanwhile is bounded in bytes, not in pictures: it lies in
memory beside the picture that is rendered, which has to fit all the same.

Knows nothing of pictures, keys or S3.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition, Lock
from typing import TYPE_CHECKING, TypeVar

from worker.contracts.errors import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from worker.process.clock import Clock

_T = TypeVar("_T")


class NeedsExclusive(Exception):
    """This picture needs the memory that is left to the others, or a process of its own."""


class Overlap:
    """Threads for `width` pictures, a render slot for one, and a budget of bytes. It stays for the next batch.

    Attributes:
        read_ahead_limit: Bytes that all pictures may reserve; one that is alone may reserve more.
        reserved: Bytes that they have reserved now.
    """

    def __init__(self, width: int, read_ahead_limit: int) -> None:
        self.read_ahead_limit = read_ahead_limit
        self.reserved = 0
        self.changed = Condition()
        self.render_slot = Lock()
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="picture")

    def start(self, call: Callable[[], _T]) -> Future[_T]:
        """Make the call in one of the threads, as soon as one is free."""
        return self._pool.submit(call)


class Reservation:
    """What one picture has of an overlap.

    Attributes:
        waited: Seconds that it waited so far, for bytes and for the render slot.
    """

    def __init__(self, overlap: Overlap, clock: Clock) -> None:
        self._overlap, self._clock = overlap, clock
        self._size = 0
        self.waited = 0.0

    @property
    def by_others(self) -> int:
        """Bytes that the others may reserve; read in the render slot, it is valid until the slot is left."""
        with self._overlap.changed:
            return max(self._overlap.read_ahead_limit, self._overlap.reserved - self._size)

    def reserve(self, size: int) -> None:
        """Wait until `size` bytes fit into the budget, and reserve them instead of what it had.

        Releases its own bytes before waiting, so two pictures cannot deadlock.
        """
        began = time.monotonic()
        with self._overlap.changed:
            self._set(0)
            self._overlap.changed.wait_for(lambda: self._fits(size))
            self._set(size)
        self.waited += time.monotonic() - began

    def reserve_at_once(self, size: int) -> bool:
        """Reserve `size` bytes where they fit into the budget now, and return whether they do."""
        with self._overlap.changed:
            self._set(0)
            fits = self._fits(size)
            if fits:
                self._set(size)
            return fits

    def _fits(self, size: int) -> bool:
        reserved = self._overlap.reserved
        return not reserved or reserved + size <= self._overlap.read_ahead_limit

    def replace(self, size: int) -> None:
        """Reserve `size` bytes, which are in memory already, instead of what it had; 0 releases all."""
        with self._overlap.changed:
            self._set(size)

    @contextmanager
    def render_slot(self) -> Iterator[None]:
        """Wait until no other picture is rendered; the clock learns what this one costs.

        Raises:
            OutOfTime: The time does not allow another like the costliest so far.
        """
        began = time.monotonic()
        with self._overlap.render_slot:
            self.waited += time.monotonic() - began
            if not self._clock.allows_another():
                raise OutOfTime.not_started()
            with self._clock.measured():
                yield

    def _set(self, size: int) -> None:
        self._overlap.reserved += size - self._size
        self._size = size
        self._overlap.changed.notify_all()
