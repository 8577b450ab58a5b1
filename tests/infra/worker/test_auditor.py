"""The auditor: what it may do, when it is called, and that it runs on the worker's own recipes."""

from __future__ import annotations

import ast
import re
import zipfile
from pathlib import Path

import pytest

from infra.watch.queries import AUDITS
from infra.worker.auditor import TIMEOUT
from tests.infra.program.test_program import allowed
from tests.infra.recording import record
from worker.audit import handler
from worker.audit.settings import AuditSettings
from worker.contracts import metrics
from worker.contracts.function.settings import AUDIT_TICK, RECIPE

MAY = {
    "auditor-lists-source": {("s3:ListBucket", "arn:images-dev-source")},
    "auditor-reads-output": {
        ("s3:ListBucket", "arn:images-dev-output"),
        ("s3:GetObject", "arn:images-dev-output/*"),
        ("s3:PutObject", "arn:images-dev-output/audit.json"),
    },
    "auditor-sends-to-backfill": {("sqs:SendMessage", "arn:images-dev-backfill")},
    "auditor-writes-log": {
        ("logs:CreateLogStream", "arn:images-dev-auditor:*"),
        ("logs:PutLogEvents", "arn:images-dev-auditor:*"),
    },
}


@pytest.fixture(scope="module")
def audited():
    """Return the program with an audit a week."""
    return record("dev", audit="weekly", output={"expireAfterDays": 30})


def test_there_is_none_where_it_is_off(program, audited):
    """The stack `dev` has none; with one there is nothing else that changes."""
    own = {resource.name for resource in audited.resources} - {resource.name for resource in program.resources}
    assert not any("audit" in resource.name for resource in program.resources)
    assert set(program.snapshot()) < set(audited.snapshot())
    assert all("audit" in name for name in own)


def test_it_may_do_exactly_what_it_does(audited):
    """List both buckets, look at outputs, keep its state, send hints and log; nothing else, and no picture."""
    granted = {
        policy.name: allowed(policy.inputs["policy"])
        for policy in audited.all("iam/rolePolicy:RolePolicy")
        if policy.name.startswith("auditor-")
    }
    assert granted == MAY
    assert set(MAY) <= audited.one("lambda/function:Function", "auditor").after


def test_it_may_look_at_originals_only_where_something_is_cropped():
    """What they have as their focus no listing says, and a HEAD takes the right to read them."""
    cropped = record("dev", audit="weekly", recipes={"faces/": {"thumbnail": {"fit": "cover"}}})
    (policy,) = (each for each in cropped.all("iam/rolePolicy:RolePolicy") if each.name == "auditor-lists-source")
    assert allowed(policy.inputs["policy"]) == MAY["auditor-lists-source"] | {
        ("s3:GetObject", "arn:images-dev-source/*")
    }


def test_its_environment_is_what_it_reads(audited):
    """The recipes are those in the worker's package, and a message is settled when its attempts are used up."""
    function = audited.one("lambda/function:Function", "auditor")
    environment = function.inputs["environment"]["variables"]
    assert set(environment) == set(AuditSettings.VARIABLES)
    assert function.inputs["code"].path == audited.one("lambda/function:Function", "worker").inputs["code"].path
    with zipfile.ZipFile(function.inputs["code"].path) as package:
        settings = AuditSettings.from_env(
            {**environment, "AWS_LAMBDA_FUNCTION_NAME": "a"}, package.read(RECIPE).decode()
        )
        assert f"{function.inputs['handler'].rpartition('.')[0].replace('.', '/')}.py" in package.namelist()
    assert (settings.period, settings.settled_after, settings.expire_after) == (7 * 86400, 5 * 541, 30 * 86400)
    assert settings.recipes.names == ("thumbnail", "web")


def test_it_is_called_by_its_rule_alone(audited):
    """Every quarter of an hour, and a call ends before the next."""
    rule, permission = (
        audited.one("cloudwatch/eventRule:EventRule", "auditor"),
        audited.one("lambda/permission:Permission", "schedule-may-invoke-auditor"),
    )
    assert rule.inputs["scheduleExpression"] == "rate(15 minutes)"
    assert TIMEOUT < AUDIT_TICK == 15 * 60
    assert (permission.inputs["principal"], permission.inputs["sourceArn"]) == (
        "events.amazonaws.com",
        "arn:images-dev-auditor",
    )
    target = audited.one("cloudwatch/eventTarget:EventTarget", "schedule-invokes-auditor")
    assert target.after >= {"schedule-may-invoke-auditor"}


@pytest.mark.parametrize(("period", "seconds"), [("daily", 86400), ("weekly", 7 * 86400)])
def test_the_period_is_configured(period, seconds):
    """In words, and handed over in seconds."""
    function = record("dev", audit=period).one("lambda/function:Function", "auditor")
    assert function.inputs["environment"]["variables"]["AUDIT_PERIOD"] == str(seconds)


def test_the_alarm_and_the_graph_are_of_the_metric_that_it_sends(audited):
    """What is found again notifies once; the graph shows both numbers."""
    alarm = audited.one("cloudwatch/metricAlarm:MetricAlarm", "audit-found-again").inputs
    assert (alarm["metricName"], alarm["dimensions"]) == (
        metrics.WOUNDS_AGAIN,
        {metrics.FUNCTION: "images-dev-auditor"},
    )
    body = audited.one("cloudwatch/dashboard:Dashboard", "dashboard").inputs["dashboardBody"]
    assert metrics.WOUNDS_AGAIN in body


def test_the_saved_query_asks_for_what_it_logs(audited):
    """By the fields of its one line."""
    (query,) = [
        each.inputs
        for each in audited.all("cloudwatch/queryDefinition:QueryDefinition")
        if each.inputs["name"].endswith("/audits")
    ]
    assert query["logGroupNames"] == ["images-dev-auditor"]
    calls = [node for node in ast.walk(ast.parse(Path(handler.__file__).read_text())) if isinstance(node, ast.Call)]
    (log,) = [call for call in calls if getattr(call.func, "id", "") == "log"]
    fields = {keyword.arg for keyword in log.keywords} | {*metrics.UNITS}
    asked = re.findall(r"[A-Za-z]+", AUDITS.partition("@timestamp,")[2].partition("|")[0])
    assert set(asked) - {"missing", "outdated"} <= fields
