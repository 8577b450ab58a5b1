"""Measures a batch, and puts the metrics on the log lines of its outcomes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from worker.contracts import metrics, notes
from worker.contracts.events import occurred_at
from worker.contracts.names import BATCH, NO_SIMD, REJECT, RETRY
from worker.images import resampler_in_use
from worker.process.log import log
from worker.reconcile.reconciler import READY, Reconciled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.contracts.errors import PipelineError
    from worker.images import Rendered, Resampler
    from worker.process.embedded_metrics import Emitter
    from worker.queue.message import Message
    from worker.reconcile.renditions import Render
    from worker.reconcile.sources import Source
    from worker.rendering.renderer import Budget

_MEGABYTE = 1024 * 1024


@dataclass
class Meter:
    """Measures one batch at a time, between the batch and what it calls.

    Attributes:
        emitter: Makes the fields.
        peak: Returns the most bytes of memory that this process or a child of it ever had.
        resampler: Returns what this process resamples with, None where it has not yet.
    """

    emitter: Emitter
    peak: Callable[[], int]
    resampler: Callable[[], Resampler | None] = resampler_in_use
    _highest: int = 0
    _faults: set[str] = field(default_factory=set)
    _renders: dict[str, tuple[float, int]] = field(default_factory=dict)

    def rendering(self, render: Render) -> Render:
        """Return `render`, measured: the time includes the download of the picture, and not the wait for others."""

        def measured(source: Source, wanted: Sequence[str], budget: Budget) -> Rendered:
            before = time.perf_counter() - budget.waited
            rendered = render(source, wanted, budget)
            seconds = time.perf_counter() - budget.waited - before
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
        """Log one line on the batch itself, which took `seconds`, and once in this process what is wrong with the resampler."""
        used = self.resampler()
        simd = {} if used is None else {metrics.SIMD: int(used.simd)}
        log(
            BATCH,
            request_id=request_id,
            milliseconds=round(seconds * 1000),
            resampler=used and used.name,
            **self.emitter.fields({metrics.BATCH_SIZE: size, **simd, **self._new_peak()}),
        )
        if used and used.fault and used.fault not in self._faults:
            self._faults.add(used.fault)
            log(NO_SIMD, request_id=request_id, resampler=used.name, detail=used.fault)
        self._renders.clear()

    def _new_peak(self) -> dict[str, float]:
        """Return the peak of memory, once for each new peak: repeated, it would hold an alarm as long as the process lives."""
        peak, before = self.peak(), self._highest
        self._highest = max(peak, before)
        return {metrics.PEAK_MEMORY: round(peak / _MEGABYTE, 1)} if peak > before else {}

    def _of_ready(self, outcome: Reconciled) -> dict[str, float]:
        """Return the metrics of one picture; none for a key that an earlier message has counted."""
        manifest = outcome.manifest
        render = self._renders.pop(manifest.source.key, None) if manifest else None
        if manifest is None or render is None:
            return {}
        seconds, renditions = render
        return {
            metrics.READY: 1,
            **({metrics.BLANK: 1} if notes.BLANK in manifest.notes else {}),
            metrics.BYTES_IN: manifest.source.bytes,
            metrics.BYTES_OUT: sum(rendition.bytes for rendition in manifest.renditions),
            metrics.RENDER_TIME: round(seconds * 1000, 1),
            metrics.RENDITIONS: renditions,
        }
