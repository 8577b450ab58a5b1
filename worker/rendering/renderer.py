"""Renders a source within a budget: in this process, beside others, or in a child process."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from worker.contracts.errors import Reject, TooLarge
from worker.contracts.function.memory import needed_to_read
from worker.contracts.recipes.specs import focused
from worker.images import Rendered, render
from worker.images.admission import admit_file
from worker.process.memory import make_room
from worker.process.overlap import NeedsExclusive
from worker.rendering.parent import render_in_child
from worker.rendering.wire import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.contracts.recipes.specs import RenditionSpec
    from worker.process.overlap import Reservation


class File(Protocol):
    """A source file that is not downloaded yet: its size in bytes, and functions that download it once, or later."""

    @property
    def size(self) -> int:
        """Size in bytes."""
        ...

    @property
    def read(self) -> Callable[[], bytes]:
        """Download the file."""
        ...

    @property
    def let_go(self) -> Callable[[], None]:
        """Close what is open of it: an unread answer would wait with it, until S3 ends it."""
        ...

    @property
    def focus(self) -> str:
        """The mark of its own focus (`worker.contracts.recipes.focus.mark_of`)."""
        ...


@dataclass(frozen=True)
class Budget:
    """What one attempt at a picture may take.

    Attributes:
        seconds: How long it may take; only a picture in a child process can be held to it.
        in_child: Whether the picture may end its process, and so is rendered in a child process.
        conclusive: Whether running out of time is a verdict on the picture.
        reservation: What the picture has of an overlap; None where no other picture is under way.
        began: When the attempt began, by the monotonic clock.
    """

    seconds: float
    in_child: bool = False
    conclusive: bool = True
    reservation: Reservation | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left: the requests to S3 before the rendering count, too."""
        return max(0.0, self.seconds - (time.monotonic() - self.began))

    @property
    def waited(self) -> float:
        """Seconds that the picture has waited for others so far."""
        return self.reservation.waited if self.reservation else 0.0


@dataclass(frozen=True)
class Renderer:
    """Makes renditions by the recipe of one deployment.

    Attributes:
        specs: The renditions to make.
        memory_bytes: The function's memory.
    """

    specs: tuple[RenditionSpec, ...]
    memory_bytes: int

    def __call__(self, file: File, wanted: Sequence[str], budget: Budget) -> Rendered:
        """Render the `wanted` of the specs, by name.

        Raises:
            Reject: The picture cannot be rendered as it is.
            Retry: It could not be downloaded, or not be finished in time.
            NeedsExclusive: It cannot be rendered beside others, and the budget has a reservation.
        """
        try:
            admit_file(file.size, self.memory_bytes)
            return self._render(file, wanted, budget)
        except Reject as exc:
            # The verdict is kept while it is published and committed: its traceback would keep the picture in memory.
            raise exc.without_traceback() from None
        finally:
            file.let_go()

    def _render(self, file: File, wanted: Sequence[str], budget: Budget) -> Rendered:
        if budget.reservation:
            return self._overlapped(file, wanted, budget, budget.reservation)
        if budget.in_child:
            order = Order(focused(self.specs, file.focus), tuple(wanted), self.memory_bytes, budget.left)
            return render_in_child(file.read, order, conclusive=budget.conclusive)
        return self._here(self._read(file), file.focus, wanted, self.memory_bytes)

    def _read(self, file: File) -> bytes:
        make_room(needed_to_read(file.size), self.memory_bytes)
        return file.read()

    def _here(self, data: bytes, focus: str, wanted: Sequence[str], memory_bytes: int) -> Rendered:
        room = partial(make_room, memory_bytes=memory_bytes)
        return render(data, focused(self.specs, focus), wanted=wanted, memory_bytes=memory_bytes, make_room=room)

    def _overlapped(self, file: File, wanted: Sequence[str], budget: Budget, reservation: Reservation) -> Rendered:
        """Download as soon as there is room, render in the render slot.

        Raises:
            NeedsExclusive: It needs the memory that is left to the others, or a child process, which needs all of it.
        """
        if budget.in_child:
            raise NeedsExclusive
        if not reservation.reserve_at_once(file.size):
            file.let_go()
            reservation.reserve(file.size)
        data = self._read(file)
        try:
            with reservation.render_slot():
                rendered = self._here(data, file.focus, wanted, self.memory_bytes - reservation.by_others)
                # Before the next picture gets the slot: it has to fit beside these renditions.
                del data
                reservation.replace(sum(len(rendition.data) for rendition in rendered.renditions))
        except TooLarge:
            raise NeedsExclusive from None
        return rendered
