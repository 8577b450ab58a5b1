"""The pager's place: what it listens to, what it may do, and what tells people when it does not."""

from __future__ import annotations

import json

import pytest

from infra.watch.pager import HANDLER
from infra.watch.thresholds import PAGING
from pager import handler
from pager.known import log_lines
from pager.known.log_lines import REJECTED
from pager.known.series import COUNTED
from pager.known.unanswered import LETTERS, UNDELIVERED
from pager.settings import Settings
from pager.silence import DIRECT, KIN
from tests.infra.program.test_program import allowed
from tests.infra.recording import record, statements
from worker.contracts import metrics, names
from worker.contracts.keys import REJECTS


@pytest.fixture(scope="module")
def whole():
    """Return the program with all that has a log."""
    return record(
        page={"access": {"code": "correct-horse-battery-staple"}}, audit="weekly", source={"events": "eventbridge"}
    )


def test_its_environment_is_what_it_reads(whole):
    """With the log of every function that an alarm is about."""
    inputs = whole.one("lambda/function:Function", "pager").inputs
    assert set(inputs["environment"]["variables"]) == set(Settings.VARIABLES)
    settings = Settings.from_env(inputs["environment"]["variables"])
    assert settings.topic == "arn:images-dev-operators"
    assert set(settings.logs) == {"worker", "auditor", "uploader"}
    assert (settings.output_bucket, settings.ops) == ("images-dev-output", "python -m ops --stack dev")
    assert inputs["handler"] == HANDLER == f"{handler.__name__}.{handler.handle.__name__}"


def test_it_may_look_and_tell_and_nothing_else(whole):
    """Least of all receive from a queue."""
    granted = {
        each.name: allowed(each.inputs["policy"])
        for each in whole.all("iam/rolePolicy:RolePolicy")
        if each.name.startswith("pager-")
    }
    logs = {("logs:FilterLogEvents", f"arn:images-dev-{name}:*") for name in ("worker", "auditor", "uploader")}
    assert granted == {
        "pager-looks": {
            # CloudWatch has no resources to name for these.
            *((f"cloudwatch:{do}", "*") for do in ("DescribeAlarms", "DescribeAlarmHistory", "GetMetricData")),
            *logs,
            ("lambda:GetFunctionConfiguration", "arn:images-dev-worker"),
        },
        "pager-lists-rejects": {("s3:ListBucket", "arn:images-dev-output")},
        "pager-tells-operators": {("sns:Publish", "arn:images-dev-operators")},
        "pager-writes-log": {
            ("logs:CreateLogStream", "arn:images-dev-pager:*"),
            ("logs:PutLogEvents", "arn:images-dev-pager:*"),
        },
    }


def test_of_the_bucket_it_may_list_the_index_of_rejects_alone(program):
    """Not what pictures there are."""
    (statement,) = statements(program.one("iam/rolePolicy:RolePolicy", "pager-lists-rejects").inputs["policy"])
    assert statement["Condition"] == {"StringEquals": {"s3:prefix": REJECTS}}


def test_the_topic_lets_it_publish_even_where_its_role_does_not(program):
    """And CloudWatch, for the alarm about the pager."""
    policy = program.one("sns/topicPolicy:TopicPolicy", "operators-accept-pager").inputs["policy"]
    may = [
        each["Principal"]
        for each in statements(policy)
        if each["Action"] == ["sns:Publish"] and each["Effect"] == "Allow"
    ]
    assert may == [{"AWS": "arn:images-dev-pager"}, {"Service": "cloudwatch.amazonaws.com"}]


def test_what_it_does_not_tell_goes_to_people_as_it_was(program):
    """At once if it fails, after the shortest wait that Lambda knows if it is throttled; both before it hears of the first alarm."""
    inputs = program.one("lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "pager-or-plain-alarm").inputs
    assert inputs["destinationConfig"] == {"onFailure": {"destination": "arn:images-dev-operators"}}
    assert (inputs["maximumRetryAttempts"], inputs["maximumEventAgeInSeconds"]) == (0, 60)
    (subscription,) = program.all("sns/topicSubscription:TopicSubscription")
    assert {"pager-or-plain-alarm", "alarms-invoke-pager"} <= subscription.after
    permission = program.one("lambda/permission:Permission", "alarms-invoke-pager").inputs
    assert (permission["principal"], permission["sourceArn"]) == ("sns.amazonaws.com", "arn:images-dev-alarms")


def test_it_hears_of_alarms_that_go_on_and_of_those_that_are_over(program):
    """Not of the first OK of each, which would start it a dozen times with every new stack."""
    (subscription,) = program.all("sns/topicSubscription:TopicSubscription")
    assert (subscription.inputs["protocol"], subscription.inputs["topic"]) == ("lambda", "arn:images-dev-alarms")
    assert subscription.inputs["filterPolicyScope"] == "MessageBody"
    assert json.loads(subscription.inputs["filterPolicy"]) == {
        "$or": [{"NewStateValue": ["ALARM"]}, {"OldStateValue": ["ALARM"]}]
    }


def test_the_names_that_it_knows_are_those_of_the_program(whole):
    """Its zip has no other package, so it has them again."""
    alarms = {each.name.removeprefix("images-dev-") for each in whole.all("cloudwatch/metricAlarm:MetricAlarm")}
    assert {DIRECT, LETTERS, UNDELIVERED, *KIN} <= alarms
    assert KIN & set(PAGING)
    assert {name for name, namespace in COUNTED.items() if namespace != "AWS/Lambda"} == {
        metrics.READY,
        metrics.REJECTED,
    }
    assert set(COUNTED.values()) == {"AWS/Lambda", metrics.NAMESPACE}
    assert {names.REJECT, names.RETRY} <= set(log_lines.KINDS)
    assert log_lines.KINDS[names.REJECT] == REJECTED
    assert names.DONE == log_lines.DONE
    assert all(f'"{event}"' in log_lines.PATTERN for event in (*log_lines.KINDS, log_lines.DONE))
