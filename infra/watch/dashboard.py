"""The dashboard: one page that answers, row by row, what an operator asks, in the order in which it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.part import Part
from infra.watch.metrics import Formula, Metric, held, of_function, oldest, sent_by, time_to_drain, waiting
from worker.contracts import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.messaging.queues import DeadLetterQueue, Queue
    from infra.worker.auditor import Auditor
    from infra.worker.function import Worker

    Series = Metric | Formula | pulumi.Output[str]

_WIDTH: Final = 24
"""Columns of a dashboard's grid."""
_TITLE_HEIGHT: Final = 1
_HEIGHT: Final = 6
_PERIOD: Final = 60
_COUNTED: Final = (metrics.READY, metrics.REJECTED, metrics.RETRIED, metrics.BLANK)
_AUDITED: Final = (metrics.WOUNDS, metrics.WOUNDS_AGAIN)
_COST_PERIOD: Final = 3600
_GIGABYTE_SECOND: Final = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
"""Dollars, in us-east-1, without the free tier (https://aws.amazon.com/lambda/pricing/)."""


@dataclass(frozen=True)
class DashboardArgs:
    """What the dashboard needs to know.

    Attributes:
        prefix: Of the resources' names.
        memory: Of the worker, in MB.
        architecture: Of the worker.
    """

    prefix: str
    memory: int
    architecture: str


@dataclass(frozen=True)
class Graph:
    """A graph: each series with its label; a text is an expression of its own."""

    title: str
    series: Mapping[str, Series]


class Dashboard(Part):
    """Four questions, a row of graphs each."""

    def __init__(
        self,
        name: str,
        args: DashboardArgs,
        queue: Queue,
        backfill: Queue,
        dead_letters: DeadLetterQueue,
        worker: Worker,
        auditor: Auditor | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("watch:Dashboard", name, opts)
        rows = _rows(args, queue, backfill, dead_letters, worker, auditor)
        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        self.dashboard = aws.cloudwatch.Dashboard(
            f"{args.prefix}-{name}",
            # A dashboard of the same name would be replaced, whosever it is
            # (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html).
            dashboard_name=pulumi.Output.concat(args.prefix, "-", worker.suffix),
            dashboard_body=pulumi.Output.json_dumps(_body(region, rows)),
            opts=self._within,
        )
        self.url = pulumi.Output.concat(
            "https://",
            region,
            ".console.aws.amazon.com/cloudwatch/home?region=",
            region,
            "#dashboards/dashboard/",
            self.dashboard.dashboard_name,
        )
        self.register_outputs({"url": self.url})


def _rows(
    args: DashboardArgs,
    queue: Queue,
    backfill: Queue,
    dead_letters: DeadLetterQueue,
    worker: Worker,
    auditor: Auditor | None,
) -> dict[str, tuple[Graph, ...]]:
    def own(name: str, statistic: str) -> Metric:
        return sent_by(worker, name, statistic, _PERIOD)

    audits = {name: sent_by(auditor, name, "Sum", _PERIOD) for name in _AUDITED} if auditor else {}

    def function(name: str, statistic: str) -> Metric:
        return of_function(worker, name, statistic, _PERIOD)

    return {
        "Are pictures getting through?": (
            Graph("Pictures", {name: own(name, "Sum") for name in _COUNTED}),
            Graph("Batches", {name: function(name, "Sum") for name in ("Invocations", "Errors", "Throttles")}),
        ),
        "How long do they wait?": (
            Graph(
                "Seconds from upload to ready", {s: own(metrics.TIME_TO_READY, s) for s in ("p50", "p95", "Maximum")}
            ),
            Graph("Waiting", {"messages": waiting(queue, _PERIOD)}),
            Graph("Waiting of backfills", {"messages": waiting(backfill, _PERIOD)}),
            Graph("Seconds", {"oldest message": oldest(queue, _PERIOD), "to drain": time_to_drain(queue, 300)}),
        ),
        "What fails, and why?": (
            Graph("Rejected, by reason", {"": _reasons(worker)}),
            Graph("Dead letters", {"letters": held(dead_letters, _PERIOD)}),
            Graph("Peak memory (MB)", {"new peaks": own(metrics.PEAK_MEMORY, "Maximum")}),
            *([Graph("Found by audits", audits)] if audits else []),
        ),
        "What does it cost?": (
            Graph("Lambda, $ an hour", {"$": _cost(args, worker)}),
            Graph("Milliseconds of a picture", {s: own(metrics.RENDER_TIME, s) for s in ("p50", "p95")}),
            Graph("Bytes", {name: own(name, "Sum") for name in (metrics.BYTES_IN, metrics.BYTES_OUT)}),
        ),
    }


def _reasons(worker: Worker) -> pulumi.Output[str]:
    """Return a search for the rejects of whatever reasons there are."""
    schema = f"{metrics.NAMESPACE},{metrics.FUNCTION},{metrics.REASON}"
    found = f'{{{schema}}} MetricName="{metrics.REJECTED}" {metrics.FUNCTION}='
    return pulumi.Output.concat(f"SEARCH('{found}\"", worker.name, f"\"', 'Sum', {_PERIOD})")


def _cost(args: DashboardArgs, worker: Worker) -> Formula:
    """Return the dollars of an hour's execution time."""
    dollars = args.memory / 1024 * _GIGABYTE_SECOND[args.architecture] / 1000
    duration = of_function(worker, "Duration", "Sum", _COST_PERIOD)
    return Formula(f"busy * {dollars:.12f}", "$", {"busy": duration})


def _body(region: pulumi.Input[str], rows: Mapping[str, Sequence[Graph]]) -> dict[str, Any]:
    widgets: list[dict[str, Any]] = []
    top = 0
    for question, graphs in rows.items():
        title = {"type": "text", "properties": {"markdown": f"## {question}", "background": "transparent"}}
        widgets.append({**title, "x": 0, "y": top, "width": _WIDTH, "height": _TITLE_HEIGHT})
        width = _WIDTH // len(graphs)
        for place, graph in enumerate(graphs):
            where = {"x": place * width, "y": top + _TITLE_HEIGHT, "width": width, "height": _HEIGHT}
            widgets.append({"type": "metric", **where, "properties": _properties(region, graph)})
        top += _TITLE_HEIGHT + _HEIGHT
    return {"widgets": widgets}


def _properties(region: pulumi.Input[str], graph: Graph) -> dict[str, Any]:
    lines = [line for label, series in graph.series.items() for line in _lines(label, series)]
    return {
        "title": graph.title,
        "region": region,
        "metrics": lines,
        "view": "timeSeries",
        "period": _PERIOD,
        "yAxis": {"left": {"min": 0}},
    }


def _lines(label: str, series: Series) -> list[list[Any]]:
    """Return a series as the body of a dashboard has it; a formula's metrics are there and not drawn.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    if isinstance(series, Formula):
        hidden = [
            [*_address(metric), {"id": id_, "visible": False, "stat": metric.statistic, "period": metric.period}]
            for id_, metric in series.metrics.items()
        ]
        period = next(iter(series.metrics.values())).period
        return [*hidden, [{"expression": series.expression, "label": label, "period": period}]]
    if not isinstance(series, Metric):
        return [[{"expression": series, "label": label}]]
    return [[*_address(series), {"stat": series.statistic, "period": series.period, "label": label}]]


def _address(metric: Metric) -> list[Any]:
    return [metric.namespace, metric.name, *(part for pair in metric.dimensions.items() for part in pair)]
