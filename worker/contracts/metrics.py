"""The worker's own metrics: fields in the log line of an outcome, in CloudWatch's embedded metric format.

No request is made for them: CloudWatch reads them from the log. Each name, with each value of its dimensions, costs $0.30
a month in which it is sent, so there are few. Format:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAMESPACE: Final = "ImagePipeline"
FUNCTION: Final = "FunctionName"
"""The dimension of every metric, named as in AWS/Lambda."""
REASON: Final = "Reason"
"""The second dimension of `REJECTED`, which is also sent without it."""

READY: Final = "Ready"
REJECTED: Final = "Rejected"
RETRIED: Final = "Retried"
BYTES_IN: Final = "BytesIn"
BYTES_OUT: Final = "BytesOut"
RENDER_TIME: Final = "RenderTime"
RENDITIONS: Final = "Renditions"
TIME_TO_READY: Final = "TimeToReady"
BATCH_SIZE: Final = "BatchSize"
PEAK_MEMORY: Final = "PeakMemory"

UNITS: Final[Mapping[str, str]] = {
    READY: "Count",
    REJECTED: "Count",
    RETRIED: "Count",
    BYTES_IN: "Bytes",
    BYTES_OUT: "Bytes",
    RENDER_TIME: "Milliseconds",
    RENDITIONS: "Count",
    TIME_TO_READY: "Seconds",
    BATCH_SIZE: "Count",
    PEAK_MEMORY: "Megabytes",
}
"""Every metric with its unit."""


@dataclass(frozen=True)
class Emitter:
    """Makes the fields of one deployment's metrics.

    Attributes:
        function_name: The value of `FUNCTION`.
        now: Seconds since the epoch.
    """

    function_name: str
    now: Callable[[], float]

    def fields(self, values: Mapping[str, float], reason: str | None = None) -> dict[str, Any]:
        """Return the fields of a log line that carry `values`, by metric; none for no values."""
        if not values:
            return {}
        plain = [name for name in values if name != REJECTED]
        directives = [_directive(plain, [[FUNCTION]])] if plain else []
        if REJECTED in values:
            directives.append(_directive([REJECTED], [[FUNCTION], [FUNCTION, REASON]]))
        mark = {"Timestamp": int(self.now() * 1000), "CloudWatchMetrics": directives}
        return {"_aws": mark, FUNCTION: self.function_name, REASON: reason, **values}


def _directive(names: Sequence[str], dimensions: list[list[str]]) -> dict[str, Any]:
    metrics = [{"Name": name, "Unit": UNITS[name]} for name in names]
    return {"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics}
