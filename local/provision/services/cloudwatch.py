"""Log groups, metric filters, alarms and dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from local.errors import NotApplied, Refused
from local.monitoring.metric_filters import Pattern, PatternError
from local.monitoring.metric_math import Expression, ExpressionError
from local.provision.kinds import ID, Kind, Made, Nested, Order, removal, tag_list

if TYPE_CHECKING:
    from local.cloud import Cloud


def _make_log_group(cloud: Cloud, order: Order) -> Made:
    request = dict(order.request)
    retention = request.pop("retentionInDays", 0)
    logs = cloud.client("logs")
    logs.create_log_group(**request)
    if retention:
        logs.put_retention_policy(logGroupName=request["logGroupName"], retentionInDays=retention)
    return Made(request["logGroupName"], {"arn": cloud.arn("logs", f"log-group:{request['logGroupName']}")})


def _make_filter(cloud: Cloud, order: Order) -> Made:
    """Make a metric filter.

    Raises:
        NotApplied: Its pattern has what `local/monitoring/metric_filters.py` does not know.
    """
    try:
        Pattern.parse(order.request["filterPattern"])
    except PatternError as exc:
        raise NotApplied(order.type, order.name, f"pattern: {exc}") from exc
    request = {**order.request, "metricTransformations": [order.request["metricTransformations"]]}
    cloud.client("logs").put_metric_filter(**request)
    return Made(request["filterName"])


def _remove_filter(cloud: Cloud, order: Order, id_: str) -> None:
    cloud.client("logs").delete_metric_filter(logGroupName=order.request["logGroupName"], filterName=id_)


def _name_query(cloud: Cloud, order: Order) -> Made:
    """Check that the log groups are there, and keep nothing: see `unmodelled.py`.

    Raises:
        Refused: A log group is not there.
    """
    for group in order.request["logGroupNames"]:
        found = cloud.root.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if group not in {each["logGroupName"] for each in found}:
            raise Refused(order.type, order.name, f"The specified log group does not exist: {group}")
    return Made(order.request["name"])


def _make_alarm(cloud: Cloud, order: Order) -> Made:
    request = {**order.request, "Tags": tag_list(order.request.get("Tags", {}))}
    if "Dimensions" in request:
        request["Dimensions"] = _dimensions(request["Dimensions"])
    if "Metrics" in request:
        request["Metrics"] = [_query(order, query) for query in request["Metrics"]]
    cloud.client("cloudwatch").put_metric_alarm(**request)
    name = request["AlarmName"]
    return Made(name, {"arn": cloud.arn("cloudwatch", f"alarm:{name}")})


def _query(order: Order, query: dict[str, Any]) -> dict[str, Any]:
    """Return a metric query as the API wants it: the statistic is next to the metric, not in it.

    Raises:
        NotApplied: An expression has what `local/monitoring/metric_math.py` does not know.
    """
    if "Expression" in query:
        try:
            Expression.parse(query["Expression"])
        except ExpressionError as exc:
            raise NotApplied(order.type, order.name, f"metricQueries[].expression: {exc}") from exc
        return query
    metric = dict(query["Metric"])
    metric["Dimensions"] = _dimensions(metric.get("Dimensions", {}))
    stat = {name: metric.pop(name) for name in ("Period", "Stat")}
    return {"Id": query["Id"], "MetricStat": {"Metric": metric, **stat}, "ReturnData": query.get("ReturnData", False)}


def _make_composite(cloud: Cloud, order: Order) -> Made:
    request = {**order.request, "Tags": tag_list(order.request.get("Tags", {}))}
    cloud.client("cloudwatch").put_composite_alarm(**request)
    name = request["AlarmName"]
    return Made(name, {"arn": cloud.arn("cloudwatch", f"alarm:{name}")})


def _dimensions(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _make_dashboard(cloud: Cloud, order: Order) -> Made:
    cloud.client("cloudwatch").put_dashboard(**order.request)
    return Made(order.request["DashboardName"])


def _remove_alarm(cloud: Cloud, _order: Order, id_: str) -> None:
    cloud.client("cloudwatch").delete_alarms(AlarmNames=[id_])


def _remove_dashboard(cloud: Cloud, _order: Order, id_: str) -> None:
    cloud.client("cloudwatch").delete_dashboards(DashboardNames=[id_])


LOG_GROUP: Final = Kind(
    {"name": "logGroupName", "retentionInDays": "retentionInDays", "tags": "tags"},
    _make_log_group,
    named_by="name",
    remove=removal("logs", "delete_log_group", logGroupName=ID),
)
METRIC_FILTER: Final = Kind(
    {
        "name": "filterName",
        "logGroupName": "logGroupName",
        "pattern": "filterPattern",
        "metricTransformation": Nested(
            "metricTransformations",
            {
                "name": "metricName",
                "namespace": "metricNamespace",
                "value": "metricValue",
                "unit": "unit",
                "dimensions": "dimensions",
            },
        ),
    },
    _make_filter,
    named_by="name",
    remove=_remove_filter,
)
QUERY_DEFINITION: Final = Kind(
    {"name": "name", "logGroupNames": "logGroupNames", "queryString": "queryString"}, _name_query
)
METRIC_ALARM: Final = Kind(
    {
        "name": "AlarmName",
        "alarmActions": "AlarmActions",
        "alarmDescription": "AlarmDescription",
        "comparisonOperator": "ComparisonOperator",
        "dimensions": "Dimensions",
        "evaluationPeriods": "EvaluationPeriods",
        "metricName": "MetricName",
        "metricQueries": Nested(
            "Metrics",
            {
                "id": "Id",
                "expression": "Expression",
                "label": "Label",
                "returnData": "ReturnData",
                "metric": Nested(
                    "Metric",
                    {
                        "namespace": "Namespace",
                        "metricName": "MetricName",
                        "dimensions": "Dimensions",
                        "period": "Period",
                        "stat": "Stat",
                    },
                ),
            },
        ),
        "namespace": "Namespace",
        "okActions": "OKActions",
        "period": "Period",
        "statistic": "Statistic",
        "tags": "Tags",
        "threshold": "Threshold",
        "treatMissingData": "TreatMissingData",
    },
    _make_alarm,
    named_by="name",
    remove=_remove_alarm,
)
COMPOSITE_ALARM: Final = Kind(
    {
        "alarmActions": "AlarmActions",
        "alarmDescription": "AlarmDescription",
        "alarmName": "AlarmName",
        "alarmRule": "AlarmRule",
        "okActions": "OKActions",
        "tags": "Tags",
    },
    _make_composite,
    remove=_remove_alarm,
)
DASHBOARD: Final = Kind(
    {"dashboardName": "DashboardName", "dashboardBody": "DashboardBody"}, _make_dashboard, remove=_remove_dashboard
)
