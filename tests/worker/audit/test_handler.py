"""The auditor as Lambda calls it, on moto."""

from __future__ import annotations

import json
from types import SimpleNamespace

import boto3
import pytest

from tests.worker.images.pictures.small import jpeg
from worker.audit import handler
from worker.audit.settings import AuditSettings
from worker.contracts import metrics
from worker.contracts.events import keys_of
from worker.contracts.function.settings import SettingsError
from worker.contracts.names import AUDIT, AUDIT_STATE
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 840_000)


@pytest.fixture
def queue(s3, monkeypatch, tmp_path):
    """Deploy the auditor; return what receives its hints."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="backfill")["QueueUrl"]
    env = {
        "SOURCE_BUCKET": "pictures",
        "OUTPUT_BUCKET": "renditions",
        "BACKFILL_QUEUE_URL": url,
        "AUDIT_PERIOD": "604800",
        "SETTLED_AFTER": "0",
        "EXPIRE_AFTER": "0",
        "AWS_LAMBDA_FUNCTION_NAME": "auditor",
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    recipe = tmp_path / "recipe.json"
    recipe.write_text(one_recipe(DEFAULT_RENDITIONS).to_json())
    monkeypatch.setattr(handler, "RECIPE_FILE", recipe)
    caches = (handler._settings, handler._client, handler._run_all)
    for cache in caches:
        cache.cache_clear()
    yield lambda: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for cache in caches:
        cache.cache_clear()


def test_an_audit_sends_hints_and_one_line_of_log(s3, queue, capsys):
    """Whatever the event is; the line carries the metrics, and the state is in the output bucket."""
    s3.put_object(Bucket="pictures", Key="cats/tom & jerry.jpg", Body=jpeg())
    handler.handle({"source": "aws.events"}, CONTEXT)
    (message,) = queue()
    assert keys_of(message["Body"], "pictures") == ("cats/tom & jerry.jpg",)
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["event"], line["run"], line["pictures"]["missing"]) == (AUDIT, 1, 1)
    assert (line[metrics.AUDITED], line[metrics.WOUNDS], line[metrics.WOUNDS_AGAIN]) == (1, 1, 0)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert [each["Name"] for each in directive["Metrics"]] == [metrics.AUDITED, metrics.WOUNDS, metrics.WOUNDS_AGAIN]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="renditions")["Contents"]] == [AUDIT_STATE]


def test_a_call_before_an_audit_is_due_says_nothing(s3, queue, capsys):
    """The schedule makes 671 of them a week."""
    handler.handle({}, CONTEXT)
    capsys.readouterr()
    s3.put_object(Bucket="pictures", Key="a.jpg", Body=jpeg())
    handler.handle({}, CONTEXT)
    assert (queue(), capsys.readouterr().out) == ([], "")


@pytest.mark.parametrize("name", AuditSettings.VARIABLES)
def test_a_missing_variable_is_named(queue, monkeypatch, name):
    """As the worker's settings do it."""
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=name):
        handler.handle({}, CONTEXT)
