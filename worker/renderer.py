"""Renders a source as a trial allows: in this process, or apart in one of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.images import Rendered, render
from worker.images.admission import admit_file
from worker.suspects.parent import render_apart
from worker.suspects.wire import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.recipe import RenditionSpec
    from worker.store import Source


@dataclass(frozen=True)
class Trial:
    """The terms of one attempt at a picture.

    Attributes:
        seconds: How long it may take; only a picture that is rendered apart can be held to it.
        apart: Whether it is suspected to end its process, and so gets one of its own.
        conclusive: Whether taking longer is a verdict.
        began: When it began, by the monotonic clock.
    """

    seconds: float
    apart: bool = False
    conclusive: bool = True
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds of it that are left: the looks at S3 before the rendering count, too."""
        return max(0.0, self.seconds - (time.monotonic() - self.began))


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
        """
        admit_file(source.size, self.memory_bytes)
        if not trial.apart:
            return render(source.read(), self.specs, wanted=wanted, memory_bytes=self.memory_bytes)
        order = Order(self.specs, tuple(wanted), self.memory_bytes, trial.left)
        return render_apart(source.read, order, conclusive=trial.conclusive)
