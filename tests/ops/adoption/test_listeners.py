from __future__ import annotations

import json

import pytest

from ops.adoption.listeners import other_rules
from ops.stack.aws import Clients

QUEUE = "arn:aws:sqs:eu-central-1:1:queue"


def from_s3(**more):
    """Return a pattern of S3's events."""
    return {"source": ["aws.s3"], **more}


def of_bucket(*names):
    """Return a pattern of one bucket's events."""
    return from_s3(detail={"bucket": {"name": list(names)}})


class Events(Clients):
    """EventBridge with these rules, a page each; `own` of them have the queue as their target."""

    def __init__(self, rules, own=()):
        super().__init__(None, None)
        self.rules, self.own = rules, own

    def __call__(self, service):
        return self

    def get_paginator(self, name):
        self.name = name
        return self

    def paginate(self, TargetArn=None):  # noqa: N803 - EventBridge's name
        if TargetArn is not None:
            assert TargetArn == QUEUE
            return iter([{"RuleNames": [name]} for name in self.own] or [{"RuleNames": []}])
        return iter([{"Rules": [rule]} for rule in self.rules] or [{"Rules": []}])


def rule(pattern, name="r", state="ENABLED"):
    """Return a rule as ListRules has it."""
    return {"Name": name, "State": state, "EventPattern": json.dumps(pattern)}


@pytest.mark.parametrize(
    ("pattern", "listens"),
    [
        (from_s3(), True),
        (of_bucket("photos"), True),
        (of_bucket("other"), False),
        (of_bucket("other", "photos"), True),
        (of_bucket({"prefix": "ph"}), True),
        (of_bucket({"prefix": "x"}), False),
        (of_bucket({"suffix": "tos"}), True),
        (of_bucket({"suffix": "x"}), False),
        (of_bucket({"anything-but": "photos"}), False),
        (of_bucket({"anything-but": ["x", "y"]}), True),
        (of_bucket({"anything-but": {"prefix": "ph"}}), True),
        (of_bucket({"wildcard": "p*"}), True),
        (of_bucket(None, 1), False),
        ({"source": ["aws.ec2"]}, False),
        ({"source": [{"prefix": "aws."}], "detail": {"object": {"key": [{"prefix": "x"}]}}}, True),
        ({"account": ["1"]}, True),
        ({"detail": {"$or": [{"bucket": {"name": ["other"]}}, {"x": [1]}]}}, True),
    ],
)
def test_a_rule_listens_unless_its_pattern_rules_the_bucket_out(pattern, listens):
    """What is not understood may match: better one question too many than somebody's events gone."""
    assert other_rules(Events([rule(pattern)]), "photos", QUEUE) == (("r",) if listens else ())


def test_own_rules_and_those_that_are_off_or_go_by_the_clock_lose_nothing():
    """Of all pages."""
    rules = [
        rule(from_s3(), "own"),
        rule(from_s3(), "off", "DISABLED"),
        {"Name": "hourly", "State": "ENABLED", "ScheduleExpression": "rate(1 hour)"},
        rule(from_s3(), "theirs"),
        rule(of_bucket("photos"), "trail", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
    ]
    assert other_rules(Events(rules, own=["own"]), "photos", QUEUE) == ("theirs", "trail")
