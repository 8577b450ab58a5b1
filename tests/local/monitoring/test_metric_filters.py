"""Metric filters: a pattern means what CloudWatch says, or is refused."""

from __future__ import annotations

import pytest

from local.monitoring.metric_filters import Pattern, PatternError, counted

FILTER = {
    "filterPattern": '{ $.status = "4*" && $.status != "429" }',
    "metricTransformations": [
        {
            "metricName": "Refused",
            "metricNamespace": "N",
            "metricValue": "1",
            "unit": "Count",
            "dimensions": {"ApiId": "$.api"},
        }
    ],
}


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "ERROR",
        '{ $.a = "x"',
        "{ $.a = 4 }",
        "{ $.a = x }",
        '{ $.a = "x" || $.b = "y" }',
        "{ $.a IS NULL }",
        '{ ($.a = "x") }',
        "[a, b]",
        '{ $.a = "x" && }',
        '{ $.a.b = "x" }',
        '{ $.a = "[x]" }',
    ],
)
def test_what_is_not_known_is_refused(pattern):
    """An alarm that is fed by another meaning would be worse than none."""
    with pytest.raises(PatternError):
        Pattern.parse(pattern)


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ('{"status": "401", "api": "a1"}', 1),
        ('{"status": "429", "api": "a1"}', 0),
        ('{"status": "200", "api": "a1"}', 0),
        ('{"status": 401, "api": "a1"}', 0),
        ('{"api": "a1"}', 0),
        ('["401"]', 0),
        ("status 401", 0),
        ("", 0),
    ],
)
def test_a_line_counts_where_it_matches(message, count):
    """Under the line's own field as dimension; text that is no JSON object, and fields that are no text, count nothing."""
    point = {"MetricName": "Refused", "Dimensions": [{"Name": "ApiId", "Value": "a1"}], "Value": 1.0, "Unit": "Count"}
    assert counted(FILTER, message) == [("N", [point])] * count
