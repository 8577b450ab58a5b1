"""Names and units of the worker's and the auditor's own metrics.

Each name, with each value of its dimensions, costs $0.30 a month in which it is sent, so there are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE: Final = "ImagePipeline"
FUNCTION: Final = "FunctionName"
"""The dimension of every metric, named as in AWS/Lambda."""
REASON: Final = "Reason"
"""The second dimension of `REJECTED`, which is also sent without it."""

READY: Final = "Ready"
REJECTED: Final = "Rejected"
RETRIED: Final = "Retried"
BLANK: Final = "Blank"
"""Ready pictures that are noted as `notes.BLANK`."""
BYTES_IN: Final = "BytesIn"
BYTES_OUT: Final = "BytesOut"
RENDER_TIME: Final = "RenderTime"
RENDITIONS: Final = "Renditions"
TIME_TO_READY: Final = "TimeToReady"
BATCH_SIZE: Final = "BatchSize"
PEAK_MEMORY: Final = "PeakMemory"
SIMD: Final = "Simd"
"""Of a batch: 1 where SIMD resamples, 0 where Pillow does; none before the first picture that is scaled."""
AUDITED: Final = "Audited"
"""Pictures that an audit compared, once it has ended."""
WOUNDS: Final = "Wounds"
"""Pictures that it sent hints of."""
WOUNDS_AGAIN: Final = "WoundsAgain"
"""Those of them that the audit before had found."""

UNITS: Final[Mapping[str, str]] = {
    READY: "Count",
    REJECTED: "Count",
    RETRIED: "Count",
    BLANK: "Count",
    BYTES_IN: "Bytes",
    BYTES_OUT: "Bytes",
    RENDER_TIME: "Milliseconds",
    RENDITIONS: "Count",
    TIME_TO_READY: "Seconds",
    BATCH_SIZE: "Count",
    PEAK_MEMORY: "Megabytes",
    SIMD: "Count",
    AUDITED: "Count",
    WOUNDS: "Count",
    WOUNDS_AGAIN: "Count",
}
"""Every metric with its unit."""
