"""Log groups, alarms and dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.provision.kinds import Kind, Made, Order, tag_list

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
    cloud.client("cloudwatch").put_metric_alarm(**request)
    name = request["AlarmName"]
    return Made(name, {"arn": cloud.arn("cloudwatch", f"alarm:{name}")})


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
