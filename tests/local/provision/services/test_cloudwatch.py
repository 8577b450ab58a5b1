"""Every property of logs, alarms and dashboards arrives in the emulator, read back through CloudWatch's own API."""

from __future__ import annotations

import json

import pytest

from local.errors import NotApplied, Refused
from local.provision.registry import KINDS
from tests.local.provision.properties import TAG_LIST, TAGS, contains, covers, make


def test_a_log_group_is_set(shop, cloud):
    """LogGroup: name, retention, tags; its ARN without `:*`, as pulumi-aws has it."""
    made = make(shop, "aws:cloudwatch/logGroup:LogGroup", "l", name="/worker", retentionInDays=30.0, tags=TAGS)

    logs = cloud.client("logs")
    (found,) = logs.describe_log_groups(logGroupNamePrefix="/worker")["logGroups"]
    assert made["id"] == "/worker"
    assert made["arn"] == found["arn"].removesuffix(":*")
    assert found["retentionInDays"] == 30
    assert logs.list_tags_for_resource(resourceArn=made["arn"])["tags"] == TAGS


def test_an_alarm_is_set(shop, cloud):
    """MetricAlarm: every property, with a plain statistic and with metric math."""
    one = {
        "name": "dead-letters",
        "alarmActions": ["arn:aws:sns:eu-central-1:000000000000:a"],
        "alarmDescription": "there are dead letters",
        "comparisonOperator": "GreaterThanThreshold",
        "dimensions": {"QueueName": "q"},
        "evaluationPeriods": 2.0,
        "metricName": "ApproximateNumberOfMessagesVisible",
        "namespace": "AWS/SQS",
        "okActions": ["arn:aws:sns:eu-central-1:000000000000:o"],
        "period": 60.0,
        "statistic": "Maximum",
        "tags": TAGS,
        "threshold": 0.5,
        "treatMissingData": "notBreaching",
    }
    query = {
        "id": "m",
        "metric": {
            "namespace": "AWS/SQS",
            "metricName": "NumberOfMessagesDeleted",
            "dimensions": {"QueueName": "q"},
            "period": 60.0,
            "stat": "Sum",
        },
    }
    formula = {"id": "e", "expression": "IF(m > 0, m, 1)", "label": "at least one", "returnData": True}
    kept = ("comparisonOperator", "evaluationPeriods", "threshold")
    math = {"name": "math", "metricQueries": [query, formula], **{k: one[k] for k in kept}}
    assert covers(one | math, KINDS["aws:cloudwatch/metricAlarm:MetricAlarm"].properties)

    for name, inputs in (("one", one), ("math", math)):
        shop.make("aws:cloudwatch/metricAlarm:MetricAlarm", name, **inputs)

    described = cloud.client("cloudwatch").describe_alarms(AlarmNames=["dead-letters", "math"])
    found = {alarm["AlarmName"]: alarm for alarm in described["MetricAlarms"]}
    contains(
        found["dead-letters"],
        {
            "AlarmActions": ["arn:aws:sns:eu-central-1:000000000000:a"],
            "AlarmDescription": "there are dead letters",
            "ComparisonOperator": "GreaterThanThreshold",
            "Dimensions": [{"Name": "QueueName", "Value": "q"}],
            "EvaluationPeriods": 2,
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Namespace": "AWS/SQS",
            "OKActions": ["arn:aws:sns:eu-central-1:000000000000:o"],
            "Period": 60,
            "Statistic": "Maximum",
            "Threshold": 0.5,
            "TreatMissingData": "notBreaching",
        },
    )
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "NumberOfMessagesDeleted",
        "Dimensions": [{"Name": "QueueName", "Value": "q"}],
    }
    assert found["math"]["Metrics"] == [
        {
            "Id": "m",
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        },
        {"Id": "e", "Expression": "IF(m > 0, m, 1)", "Label": "at least one", "ReturnData": True},
    ]
    tags = cloud.client("cloudwatch").list_tags_for_resource(ResourceARN=found["dead-letters"]["AlarmArn"])["Tags"]
    assert tags == TAG_LIST


def test_a_composite_alarm_is_set(shop, cloud):
    """CompositeAlarm: every property."""
    plain = {"threshold": 1.0, "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1.0}
    metric = {"metricName": "Errors", "namespace": "AWS/Lambda", "period": 60.0, "statistic": "Sum"}
    shop.make("aws:cloudwatch/metricAlarm:MetricAlarm", "child", name="child", **plain, **metric)

    make(
        shop,
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        "c",
        alarmActions=["arn:aws:sns:eu-central-1:000000000000:a"],
        alarmDescription="something is wrong",
        alarmName="parent",
        alarmRule='ALARM("child")',
        okActions=["arn:aws:sns:eu-central-1:000000000000:o"],
        tags=TAGS,
    )

    client = cloud.client("cloudwatch")
    (found,) = client.describe_alarms(AlarmNames=["parent"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    contains(
        found,
        {
            "AlarmActions": ["arn:aws:sns:eu-central-1:000000000000:a"],
            "AlarmDescription": "something is wrong",
            "AlarmRule": 'ALARM("child")',
            "OKActions": ["arn:aws:sns:eu-central-1:000000000000:o"],
        },
    )
    assert client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == TAG_LIST


def test_a_query_of_a_log_group_that_is_not_there_is_refused(shop, cloud):
    """QueryDefinition: the emulator keeps none, so that its log group is all that can be wrong."""
    cloud.client("logs").create_log_group(logGroupName="asked")
    definition, query = "aws:cloudwatch/queryDefinition:QueryDefinition", "fields @message"

    assert make(shop, definition, "q", name="q", logGroupNames=["asked"], queryString=query)["id"] == "q"
    with pytest.raises(Refused, match="does not exist: aske"):
        shop.make(definition, "q", name="q", logGroupNames=["aske"], queryString=query)


def test_a_metric_filter_is_set(shop, cloud):
    """LogMetricFilter: every property; a pattern that is not known here is refused."""
    cloud.client("logs").create_log_group(logGroupName="access")
    filter_ = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
    metric = {"name": "Refused", "namespace": "N", "value": "1", "unit": "Count", "dimensions": {"ApiId": "$.api"}}
    inputs = {"name": "f", "logGroupName": "access", "metricTransformation": metric}

    make(shop, filter_, "f", pattern='{ $.status = "4*" }', **inputs)

    (found,) = cloud.client("logs").describe_metric_filters(logGroupName="access")["metricFilters"]
    assert (found["filterName"], found["filterPattern"]) == ("f", '{ $.status = "4*" }')
    contains(
        found["metricTransformations"],
        [
            {
                "metricName": "Refused",
                "metricNamespace": "N",
                "metricValue": "1",
                "unit": "Count",
                "dimensions": {"ApiId": "$.api"},
            }
        ],
    )
    with pytest.raises(NotApplied, match=r"pattern: .* more than comparisons"):
        shop.make(filter_, "g", pattern="{ $.status = 4* }", **inputs)


def test_a_dashboard_is_set(shop, cloud):
    """Dashboard: the body."""
    body = json.dumps({"widgets": []})

    make(shop, "aws:cloudwatch/dashboard:Dashboard", "d", dashboardName="pipeline", dashboardBody=body)

    assert cloud.client("cloudwatch").get_dashboard(DashboardName="pipeline")["DashboardBody"] == body
