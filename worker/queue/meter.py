"""Measures what a batch does, and puts it as metrics on the log lines of its outcomes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from worker.contracts import metrics
from worker.contracts.events import occurred_at
from worker.process.log import BATCH, REJECT, RETRY, log
from worker.reconcile.reconciler import READY, Reconciled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.contracts.errors import PipelineError
    from worker.contracts.metrics import Emitter
    from worker.images import Rendered
    from worker.queue.message import Message
    from worker.reconcile.buckets import Source
    from worker.reconcile.reconciler import Render
    from worker.rendering.renderer import Trial

_MEGABYTE = 1024 * 1024


@dataclass
class Meter:
    """Stands between the batch and what it calls; handles one batch at a time.

    Attributes:
        emitter: Makes the fields.
        peak: Returns the most bytes of memory that this process or a child of it ever had.
    """

    emitter: Emitter
    peak: Callable[[], int]
    _highest: int = 0
    _renders: dict[str, tuple[float, int]] = field(default_factory=dict)

    def rendering(self, render: Render) -> Render:
        """Return `render` with its time measured: with the download of the picture, without the wait for others."""

        def measured(source: Source, wanted: Sequence[str], trial: Trial) -> Rendered:
            before = time.perf_counter() - trial.waited
            rendered = render(source, wanted, trial)
            seconds = time.perf_counter() - trial.waited - before
            self._renders[source.key] = (seconds, len(rendered.renditions))
            return rendered

        return measured

    def settled(
        self, event: str, message: Message, outcomes: Sequence[Reconciled | PipelineError], error: PipelineError | None
    ) -> dict[str, Any]:
        """Return the fields for the log line of one message's outcome."""
        values: dict[str, float] = {metrics.REJECTED: 1} if event == REJECT else {}
        if event == RETRY:
            values[metrics.RETRIED] = 1
        ready = [outcome for outcome in outcomes if isinstance(outcome, Reconciled) and outcome.result == READY]
        for outcome in ready:
            for name, value in self._of_ready(outcome).items():
                values[name] = values.get(name, 0) + value
        happened = occurred_at(message.body) if metrics.READY in values else None
        if happened is not None:
            values[metrics.TIME_TO_READY] = round(max(0.0, self.emitter.now() - happened), 3)
        return self.emitter.fields(values, reason=error.reason if error and event == REJECT else None)

    def batch(self, size: int, seconds: float, request_id: str) -> None:
        """Log one line on the batch itself, which took so many seconds."""
        log(
            BATCH,
            request_id=request_id,
            milliseconds=round(seconds * 1000),
            **self.emitter.fields({metrics.BATCH_SIZE: size, **self._new_peak()}),
        )
        self._renders.clear()

    def _new_peak(self) -> dict[str, float]:
        """Return the peak of memory, once for each new one: repeated, it would keep an alarm ringing as long as the process lives."""
        peak, before = self.peak(), self._highest
        self._highest = max(peak, before)
        return {metrics.PEAK_MEMORY: round(peak / _MEGABYTE, 1)} if peak > before else {}

    def _of_ready(self, outcome: Reconciled) -> dict[str, float]:
        """Return what one picture amounts to; nothing for a key that a message before has been counted for."""
        manifest = outcome.manifest
        render = self._renders.pop(manifest.source.key, None) if manifest else None
        if manifest is None or render is None:
            return {}
        seconds, renditions = render
        return {
            metrics.READY: 1,
            metrics.BYTES_IN: manifest.source.bytes,
            metrics.BYTES_OUT: sum(rendition.bytes for rendition in manifest.renditions),
            metrics.RENDER_TIME: round(seconds * 1000, 1),
            metrics.RENDITIONS: renditions,
        }
