"""The dashboard: the pipeline at a glance, from left to right as a picture travels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from infra.queues import DeadLetterQueue, Queue
    from infra.worker import Worker

_WIDTH: Final = 8
_HEIGHT: Final = 6
_COLUMNS: Final = 3


@dataclass(frozen=True)
class DashboardArgs:
    """What the dashboard needs to know.

    Attributes:
        prefix: Of the resources' names.
        region: That the metrics are in.
    """

    prefix: str
    region: str


class Dashboard(pulumi.ComponentResource):
    """Six graphs."""

    def __init__(
        self,
        name: str,
        args: DashboardArgs,
        queue: Queue,
        dead_letters: DeadLetterQueue,
        worker: Worker,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("image-pipeline:watch:Dashboard", name, None, opts)
        full_name = f"{args.prefix}-{pulumi.get_stack()}"
        self.dashboard = aws.cloudwatch.Dashboard(
            f"{args.prefix}-{name}",
            dashboard_name=full_name,
            dashboard_body=pulumi.Output.json_dumps({"widgets": _widgets(args.region, queue, dead_letters, worker)}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.url = pulumi.Output.concat(
            f"https://{args.region}.console.aws.amazon.com/cloudwatch/home?region={args.region}#dashboards/dashboard/",
            self.dashboard.dashboard_name,
        )
        self.register_outputs({"url": self.url})


def _widgets(region: str, queue: Queue, dead_letters: DeadLetterQueue, worker: Worker) -> list[dict[str, Any]]:
    waiting = "ApproximateNumberOfMessagesVisible"
    graphs: list[tuple[str, list[list[Any]], str]] = [
        ("Messages waiting", [["AWS/SQS", waiting, "QueueName", queue.name]], "Maximum"),
        ("Oldest message (s)", [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue.name]], "Maximum"),
        ("Dead letters", [["AWS/SQS", waiting, "QueueName", dead_letters.name]], "Maximum"),
        ("Batches", [["AWS/Lambda", "Invocations", "FunctionName", worker.name]], "Sum"),
        ("Duration of a batch (ms)", [["AWS/Lambda", "Duration", "FunctionName", worker.name]], "p95"),
        (
            "Errors and throttles",
            [["AWS/Lambda", metric, "FunctionName", worker.name] for metric in ("Errors", "Throttles")],
            "Sum",
        ),
    ]
    return [_widget(place, region, *graph) for place, graph in enumerate(graphs)]


def _widget(place: int, region: str, title: str, metrics: list[list[Any]], statistic: str) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": place % _COLUMNS * _WIDTH,
        "y": place // _COLUMNS * _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {
            "title": title,
            "region": region,
            "metrics": metrics,
            "stat": statistic,
            "period": 60,
            "yAxis": {"left": {"min": 0}},
        },
    }
