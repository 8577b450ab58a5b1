"""Log groups, alarms and dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from local.provision.kinds import Kind, Made, Nested, Order, tag_list

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


def _make_alarm(cloud: Cloud, order: Order) -> Made:
    request = {**order.request, "Tags": tag_list(order.request.get("Tags", {}))}
    if "Dimensions" in request:
        request["Dimensions"] = _dimensions(request["Dimensions"])
    if "Metrics" in request:
        request["Metrics"] = [_query(query) for query in request["Metrics"]]
    cloud.client("cloudwatch").put_metric_alarm(**request)
    name = request["AlarmName"]
    return Made(name, {"arn": cloud.arn("cloudwatch", f"alarm:{name}")})


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """Pulumi flattens what CloudWatch calls a metric and its statistic."""
    if "MetricStat" not in query:
        return query
    flat = dict(query["MetricStat"])
    metric = {name: flat.pop(name) for name in ("Namespace", "MetricName") if name in flat}
    metric["Dimensions"] = _dimensions(flat.pop("Dimensions", {}))
    return {**query, "MetricStat": {"Metric": metric, **flat}}


def _dimensions(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _make_dashboard(cloud: Cloud, order: Order) -> Made:
    cloud.client("cloudwatch").put_dashboard(**order.request)
    name = order.request["DashboardName"]
    return Made(name, {"dashboardArn": f"arn:aws:cloudwatch::{cloud.account_id}:dashboard/{name}"})


LOG_GROUP: Final = Kind(
    {"name": "logGroupName", "retentionInDays": "retentionInDays", "tags": "tags"},
    _make_log_group,
    named_by="name",
)
METRIC_ALARM: Final = Kind(
    {
        "name": "AlarmName",
        "actionsEnabled": "ActionsEnabled",
        "alarmActions": "AlarmActions",
        "alarmDescription": "AlarmDescription",
        "comparisonOperator": "ComparisonOperator",
        "datapointsToAlarm": "DatapointsToAlarm",
        "dimensions": "Dimensions",
        "evaluationPeriods": "EvaluationPeriods",
        "extendedStatistic": "ExtendedStatistic",
        "insufficientDataActions": "InsufficientDataActions",
        "metricName": "MetricName",
        "metricQueries": Nested(
            "Metrics",
            {
                "id": "Id",
                "expression": "Expression",
                "label": "Label",
                "period": "Period",
                "returnData": "ReturnData",
                "metric": Nested(
                    "MetricStat",
                    {
                        "namespace": "Namespace",
                        "metricName": "MetricName",
                        "dimensions": "Dimensions",
                        "period": "Period",
                        "stat": "Stat",
                        "unit": "Unit",
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
        "unit": "Unit",
    },
    _make_alarm,
    named_by="name",
)
DASHBOARD: Final = Kind({"dashboardName": "DashboardName", "dashboardBody": "DashboardBody"}, _make_dashboard)
