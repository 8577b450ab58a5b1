"""Requests are authorized on the resources that AWS's reference names, where the emulator knows none."""

from __future__ import annotations

import json

import pytest

from local.emulator.amended.authorization import _of_cloudfront, _of_cloudwatch, _of_events, _of_lambda

HERE = "eu-central-1:000000000000"
FUNCTIONS = "/2015-03-31/functions"


@pytest.mark.parametrize(
    ("path", "body", "arn"),
    [
        (FUNCTIONS, {"FunctionName": "worker"}, f"arn:aws:lambda:{HERE}:function:worker"),
        (f"{FUNCTIONS}/worker/policy", {}, None),
        ("/2015-03-31/event-source-mappings", {"FunctionName": "worker"}, None),
    ],
)
def test_a_function_is_made_on_its_own_arn(path, body, arn):
    """A mapping is made on everything, under a condition."""
    assert _of_lambda(path, json.dumps(body).encode(), HERE) == arn


@pytest.mark.parametrize(
    ("body", "arn"),
    [
        ({"Name": "tick"}, f"arn:aws:events:{HERE}:rule/tick"),
        ({"Rule": "tick", "Targets": []}, f"arn:aws:events:{HERE}:rule/tick"),
        ({"Rule": "tick", "EventBusName": "mine"}, f"arn:aws:events:{HERE}:rule/mine/tick"),
        ({"ResourceARN": "arn:of-a-rule"}, "arn:of-a-rule"),
        ({"Entries": []}, None),
        ({}, None),
    ],
)
def test_a_rule_of_the_default_bus_has_no_bus_in_its_arn(body, arn):
    """Targets belong to their rule."""
    assert _of_events("/", json.dumps(body).encode(), HERE) == arn


@pytest.mark.parametrize(
    ("body", "arn"),
    [
        ({"DashboardName": "d"}, "arn:aws:cloudwatch::000000000000:dashboard/d"),
        ({"DashboardNames": ["d"]}, "arn:aws:cloudwatch::000000000000:dashboard/d"),
        ({"AlarmName": "a"}, f"arn:aws:cloudwatch:{HERE}:alarm:a"),
        ({"AlarmNames": ["a"]}, None),
    ],
)
def test_a_dashboard_is_of_no_region(body, arn):
    """Several alarms are asked for on everything."""
    assert _of_cloudwatch("/", json.dumps(body).encode(), HERE) == arn


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"\xff"])
def test_what_cannot_be_read_has_no_name(body):
    """The emulator's own answer holds then."""
    assert _of_events("/", body, HERE) is None
    assert _of_cloudwatch("/", body, HERE) is None


@pytest.mark.parametrize(
    ("path", "arn"),
    [
        ("/2020-05-31/function/f/publish", "arn:aws:cloudfront::000000000000:function/f"),
        ("/2020-05-31/cache-policy/1", "arn:aws:cloudfront::000000000000:cache-policy/1"),
        ("/2020-05-31/cache-policy", None),
        ("/2020-05-31/distribution/1", None),
    ],
)
def test_what_cloudfront_has_by_name_or_identifier_has_an_arn(path, arn):
    """Whatever is made has none yet."""
    assert _of_cloudfront(path, "000000000000") == arn
