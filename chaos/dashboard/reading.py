"""Reads the stack's dashboard as CloudWatch would draw it: its widgets, and the metrics that the embedded AWS really has.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from local.monitoring.metric_math import Expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from local.stack import LocalStack

    Points = dict[float, float]

_SEARCH: Final = re.compile(r"SEARCH\('\{([^}]+)\} MetricName=\"(\w+)\" (\w+)=\"([^\"]+)\"', '(\w+)', (\d+)\)")
_MINUTE: Final = 60


@dataclass(frozen=True)
class Series:
    """One line of a graph: values by minutes since the beginning."""

    label: str
    points: Points


@dataclass(frozen=True)
class Graph:
    """One widget."""

    title: str
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Row:
    """One question, and the graphs that answer it."""

    question: str
    graphs: tuple[Graph, ...]


@dataclass(frozen=True)
class Window:
    """A span of time.

    Attributes:
        began: Seconds since the epoch.
        minute: Seconds that a minute takes.
    """

    stack: LocalStack
    began: float
    minute: float

    def rows(self) -> list[Row]:
        """Return what the dashboard shows."""
        rows: list[Row] = []
        for widget in self._body()["widgets"]:
            properties = widget["properties"]
            if widget["type"] == "text":
                rows.append(Row(properties["markdown"].lstrip("# "), ()))
            else:
                graph = Graph(properties["title"], tuple(self._series(properties["metrics"])))
                rows[-1] = Row(rows[-1].question, (*rows[-1].graphs, graph))
        return rows

    def _body(self) -> dict[str, Any]:
        client = self.stack.client("cloudwatch")
        (entry,) = client.list_dashboards()["DashboardEntries"]
        body: dict[str, Any] = json.loads(client.get_dashboard(DashboardName=entry["DashboardName"])["DashboardBody"])
        return body

    def _series(self, lines: Sequence[Sequence[Any]]) -> Iterator[Series]:
        """Yield what is drawn of the lines of a widget; formulas refer to the others by their ids."""
        known: dict[str, Points] = {}
        for line in lines:
            options = line[-1]
            if "expression" not in options:
                known[options.get("id", "")] = points = self._metric(line[:-1], options)
                if options.get("visible", True):
                    yield Series(options["label"], points)
            elif found := _SEARCH.fullmatch(options["expression"]):
                yield from self._found(found)
            else:
                yield Series(options["label"], self._formula(options, known))

    def _metric(self, address: Sequence[str], options: Mapping[str, Any]) -> Points:
        namespace, name, *parts = address
        dimensions = dict(zip(parts[::2], parts[1::2], strict=True))
        return self._ask(namespace, name, dimensions, options["stat"], options["period"])

    def _found(self, search: re.Match[str]) -> Iterator[Series]:
        """Yield every metric of the search's schema, under the value of the dimension that it does not ask for."""
        schema, name, dimension, value, statistic, period = search.groups()
        namespace, *names = schema.split(",")
        listed = self.stack.client("cloudwatch").list_metrics(Namespace=namespace, MetricName=name)["Metrics"]
        for metric in listed:
            dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
            if set(dimensions) == set(names) and dimensions[dimension] == value:
                (label,) = (dimensions[other] for other in names if other != dimension)
                yield Series(label, self._ask(namespace, name, dimensions, statistic, int(period)))

    def _formula(self, options: Mapping[str, Any], known: Mapping[str, Points]) -> Points:
        expression = Expression.parse(options["expression"])
        moments = sorted({moment for name in expression.names for moment in known[name]})
        seconds = options["period"] * self.minute / _MINUTE
        values = {
            moment: expression.value({name: known[name].get(moment) for name in expression.names}, seconds)
            for moment in moments
        }
        return {moment: value for moment, value in values.items() if value is not None}

    def _ask(self, namespace: str, name: str, dimensions: Mapping[str, str], statistic: str, period: int) -> Points:
        metric = {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        stat = {"Metric": metric, "Period": max(1, round(period * self.minute / _MINUTE)), "Stat": statistic}
        answer = self.stack.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "asked", "MetricStat": stat}],
            StartTime=datetime.fromtimestamp(self.began, UTC),
            EndTime=datetime.now(UTC),
        )["MetricDataResults"][0]
        pairs = zip(answer["Timestamps"], answer["Values"], strict=True)
        return {max(0.0, (moment.timestamp() - self.began) / self.minute): value for moment, value in sorted(pairs)}
