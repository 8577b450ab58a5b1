"""Alarms are evaluated as CloudWatch does it."""

from __future__ import annotations

import pytest

from local.monitoring.alarms import Alarm, evaluate
from local.monitoring.metric_math import Expression, ExpressionError
from tests.local.processes.waiting import eventually

PLAIN = {
    "Namespace": "N",
    "MetricName": "M",
    "Dimensions": [{"Name": "Queue", "Value": "a"}],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 2.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}


@pytest.mark.parametrize(
    ("missing", "points", "state"),
    [
        ("notBreaching", [2.0, 3.0], "ALARM"),
        ("notBreaching", [2.0, 1.0], "OK"),
        ("notBreaching", [2.0, None], "OK"),
        ("notBreaching", [None, None], "OK"),
        ("breaching", [2.0, None], "ALARM"),
        ("breaching", [None, None], "ALARM"),
        ("missing", [None, None], "INSUFFICIENT_DATA"),
        ("ignore", [None, None], None),
    ],
)
def test_missing_data_is_treated_as_configured(missing, points, state):
    """Newest first; every point has to breach."""
    assert Alarm({**PLAIN, "TreatMissingData": missing}).state(points) == state


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * 2", 7),
        ("a / b", 1 / 3),
        ("a / zero", None),
        ("none + 1", None),
        ("FILL(none, 4)", 4),
        ("IF(a > b, a, b)", 3),
        ("IF(a <= b, PERIOD(a), b)", 60),
        ("IF(none, 1, 2)", None),
    ],
)
def test_metric_math_is_calculated(text, value):
    """Arithmetic, comparisons, FILL, IF and PERIOD; no data in, no data out."""
    values = {"a": 1.0, "b": 3.0, "zero": 0.0, "none": None}
    assert Expression.parse(text).value(values, 60) == value


@pytest.mark.parametrize("text", ["RATE(m)", "m ** 2", "METRICS()", "IF(m, 1)", "1 < m < 3", "m.x", "'m'", "m +"])
def test_metric_math_that_is_not_known_is_refused(text):
    """Never a guess: the program that asks for it is not deployed here."""
    with pytest.raises(ExpressionError):
        Expression.parse(text)


def test_an_alarm_sees_only_its_own_dimension_and_is_over_when_its_data_is_old(cloud):
    """The emulator's own evaluation would go off for every queue's messages."""
    client, own = cloud.client("cloudwatch"), {**PLAIN, "EvaluationPeriods": 1, "TreatMissingData": "notBreaching"}
    client.put_metric_alarm(AlarmName="mine", **own)

    def state():
        evaluate(cloud, minute=1.0)
        (alarm,) = client.describe_alarms(AlarmNames=["mine"])["MetricAlarms"]
        return alarm["StateValue"]

    def put(queue):
        point = {"MetricName": "M", "Dimensions": [{"Name": "Queue", "Value": queue}], "Value": 2.0}
        client.put_metric_data(Namespace="N", MetricData=[point])

    put("b")
    assert state() == "OK"
    put("a")
    assert state() == "ALARM"
    assert eventually(lambda: state() == "OK", 5)
    client.delete_alarms(AlarmNames=["mine"])
