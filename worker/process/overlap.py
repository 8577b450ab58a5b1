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
        read_ahead_limit: Bytes that all pictures together may reserve; one that is alone may reserve more.
    """

    def __init__(self, width: int, read_ahead_limit: int) -> None:
        self.read_ahead_limit = read_ahead_limit
        self.render_slot = Lock()
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="picture")
        self._reserved: dict[Reservation, int] = {}
        self._changed = Condition()

    def start(self, call: Callable[[], _T]) -> Future[_T]:
        """Make the call in one of the threads, as soon as one is free."""
        return self._pool.submit(call)

    @property
    def reserved(self) -> int:
        """Bytes that all pictures together have reserved now."""
        return sum(self._reserved.values())

    def reserve(self, owner: Reservation, size: int) -> None:
        """Wait until `size` bytes fit into the budget, then reserve them for `owner` instead of what it had.

        Releases its own bytes before waiting, so two pictures cannot deadlock.
        """
        with self._changed:
            self._release(owner)
            self._changed.wait_for(lambda: not self._reserved or self.reserved + size <= self.read_ahead_limit)
            self._reserved[owner] = size

    def replace(self, owner: Reservation, size: int) -> None:
        """Reserve `size` bytes for `owner` instead of what it had, without waiting: they are in memory already."""
        with self._changed:
            self._release(owner)
            if size:
                self._reserved[owner] = size

    def reserved_by_others(self, owner: Reservation) -> int:
        """Return the bytes that pictures but `owner` may reserve while it has the render slot."""
        with self._changed:
            return max(self.read_ahead_limit, self.reserved - self._reserved.get(owner, 0))

    def _release(self, owner: Reservation) -> None:
        self._reserved.pop(owner, None)
        self._changed.notify_all()


class Reservation:
    """What one picture has of an overlap.

    Attributes:
        waited: Seconds that it waited so far, for bytes and for the render slot.
    """

    def __init__(self, overlap: Overlap, clock: Clock) -> None:
        self._overlap, self._clock = overlap, clock
        self.waited = 0.0

    @property
    def by_others(self) -> int:
        """Bytes that the others may reserve; read in the render slot, it is valid until the slot is left."""
        return self._overlap.reserved_by_others(self)

    def reserve(self, size: int) -> None:
        """Wait until `size` bytes fit into the budget, and reserve them."""
        began = time.monotonic()
        self._overlap.reserve(self, size)
        self.waited += time.monotonic() - began

    def replace(self, size: int) -> None:
        """Reserve `size` bytes, which are in memory already, instead of what it had; 0 releases all."""
        self._overlap.replace(self, size)

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
