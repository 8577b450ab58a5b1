"""Metrics as fields of log lines, in CloudWatch's embedded metric format: no request is made for them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.contracts import metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Emitter:
    """Makes the fields of one deployment's metrics.

    Attributes:
        function_name: The value of `metrics.FUNCTION`.
        now: Seconds since the epoch.
    """

    function_name: str
    now: Callable[[], float]

    def fields(self, values: Mapping[str, float], reason: str | None = None) -> dict[str, Any]:
        """Return the fields of a log line that carry `values`, by metric; none for no values."""
        if not values:
            return {}
        plain = [name for name in values if name != metrics.REJECTED]
        directives = [_directive(plain, [[metrics.FUNCTION]])] if plain else []
        if metrics.REJECTED in values:
            directives.append(_directive([metrics.REJECTED], [[metrics.FUNCTION], [metrics.FUNCTION, metrics.REASON]]))
        mark = {"Timestamp": int(self.now() * 1000), "CloudWatchMetrics": directives}
        return {"_aws": mark, metrics.FUNCTION: self.function_name, metrics.REASON: reason, **values}


def _directive(names: Sequence[str], dimensions: list[list[str]]) -> dict[str, Any]:
    named = [{"Name": name, "Unit": metrics.UNITS[name]} for name in names]
    return {"Namespace": metrics.NAMESPACE, "Dimensions": dimensions, "Metrics": named}
