"""Renders a source as a trial allows: in this process, or apart in one of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.contracts.errors import Reject, TooLarge
from worker.images import Rendered, render
from worker.images.admission import admit_file
from worker.process.overlap import NeedsExclusive
from worker.rendering.parent import render_apart
from worker.rendering.wire import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.contracts.recipe import RenditionSpec
    from worker.process.overlap import Reservation
    from worker.reconcile.buckets import Source


@dataclass(frozen=True)
class Trial:
    """The terms of one attempt at a picture.

    Attributes:
        seconds: How long it may take; only a picture that is rendered apart can be held to it.
        apart: Whether it is suspected to end its process, and so gets one of its own.
        conclusive: Whether taking longer is a verdict.
        reservation: What it has of an overlap; None where no other picture is under way.
        began: When it began, by the monotonic clock.
    """

    seconds: float
    apart: bool = False
    conclusive: bool = True
    reservation: Reservation | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds of it that are left: the looks at S3 before the rendering count, too."""
        return max(0.0, self.seconds - (time.monotonic() - self.began))

    @property
    def waited(self) -> float:
        """Seconds that it has waited for others so far."""
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

    def __call__(self, source: Source, wanted: Sequence[str], trial: Trial) -> Rendered:
        """Render the `wanted` of the specs, by name.

        Raises:
            Reject: The picture cannot be rendered as it is.
            Retry: It could not be downloaded, or not be finished in time.
            NeedsExclusive: It has to be alone, and is not.
        """
        admit_file(source.size, self.memory_bytes)
        try:
            return self._render(source, wanted, trial)
        except Reject as exc:
            # A verdict is kept while it is published and committed: its traceback would keep the picture.
            raise exc.bare() from None

    def _render(self, source: Source, wanted: Sequence[str], trial: Trial) -> Rendered:
        if trial.reservation:
            return self._overlapped(source, wanted, trial, trial.reservation)
        if trial.apart:
            order = Order(self.specs, tuple(wanted), self.memory_bytes, trial.left)
            return render_apart(source.read, order, conclusive=trial.conclusive)
        return self._here(source.read(), wanted, self.memory_bytes)

    def _here(self, data: bytes, wanted: Sequence[str], memory_bytes: int) -> Rendered:
        return render(data, self.specs, wanted=wanted, memory_bytes=memory_bytes)

    def _overlapped(self, source: Source, wanted: Sequence[str], trial: Trial, reservation: Reservation) -> Rendered:
        """Download as soon as there is room, render in the render slot.

        Raises:
            NeedsExclusive: It needs the memory that is left to the others, or a child process, which needs all of it.
        """
        if trial.apart:
            raise NeedsExclusive
        reservation.reserve(source.size)
        data = source.read()
        try:
            with reservation.render_slot():
                rendered = self._here(data, wanted, self.memory_bytes - reservation.by_others)
                # Before the next picture has the slot: it has to fit beside these.
                del data
                reservation.replace(sum(len(rendition.data) for rendition in rendered.renditions))
        except TooLarge:
            raise NeedsExclusive from None
        return rendered
