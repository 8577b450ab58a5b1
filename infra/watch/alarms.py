"""The alarms, which notify operators. `infra.watch.thresholds` says when each goes off.

Silence is health: an idle pipeline sends no data, and every alarm takes missing data as not breaching.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.part import Part
from infra.watch.metrics import Formula, Metric
from infra.watch.thresholds import PAGING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.watch.pager import Pager
    from infra.watch.watched import Watched
    from infra.worker.function import Worker

_BY_SUBSCRIBER: Final = ("undelivered", "unread")
"""Alarms that end in a subscriber's name and share a section of the runbook."""


class Alarms(Part):
    """An alarm for each time series in `watched`, and the one to page by; the pager's topic gets ALARM and OK of all."""

    def __init__(
        self,
        name: str,
        prefix: str,
        pager: Pager,
        watched: Mapping[str, Watched],
        worker: Worker,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("watch:Alarms", name, opts)
        self._topic, self._operators = pager.alarm_topic, pager.operators
        self.alarms = {key: self._alarm(prefix, key, what) for key, what in watched.items()}
        self.unhealthy = self._page(f"{prefix}-unhealthy", worker)
        self.register_outputs({})

    def _alarm(self, prefix: str, key: str, what: Watched) -> aws.cloudwatch.MetricAlarm:
        notified = [self._topic.arn, *([self._operators.arn] if what.past_pager else [])]
        return aws.cloudwatch.MetricAlarm(
            f"{prefix}-{key}",
            alarm_description=f"{what.description} {self._begin(key, what.first)}",
            **_series(what.series),
            threshold=what.threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            evaluation_periods=what.periods,
            treat_missing_data="notBreaching",
            alarm_actions=notified,
            ok_actions=[self._topic.arn],
            opts=self._within,
        )

    def _page(self, name: str, worker: Worker) -> aws.cloudwatch.CompositeAlarm:
        names = [self.alarms[key].name for key in PAGING if key in self.alarms]
        rule = pulumi.Output.all(*names).apply(lambda all_: " OR ".join(f'ALARM("{name}")' for name in all_))
        return aws.cloudwatch.CompositeAlarm(
            name,
            # Pulumi gives a composite alarm no name of its own: one that is fixed would be another stack's, too.
            alarm_name=pulumi.Output.concat(name, "-", worker.suffix),
            alarm_description="Pictures do not get through, or dead letters are about to be lost: act now. The"
            " alarms that set this one off say what to do; it sends no message of its own beside theirs."
            f" {self._begin('unhealthy', 'status')}",
            alarm_rule=rule,
            alarm_actions=[self._topic.arn],
            ok_actions=[self._topic.arn],
            opts=self._within,
        )

    def _begin(self, key: str, first: str) -> str:
        """Return the command to begin with, and the runbook's section."""
        section = next((kind for kind in _BY_SUBSCRIBER if key.startswith(f"{kind}-")), key)
        return f"Begin with: {self.ops} {first}; then docs/operations.md#{section}."


def _series(series: Metric | Formula) -> dict[str, Any]:
    if isinstance(series, Formula):
        return {"metric_queries": series.queries()}
    return {
        "namespace": series.namespace,
        "metric_name": series.name,
        "dimensions": series.dimensions,
        "statistic": series.statistic,
        "period": series.period,
    }
