"""What is read of logs, metrics and alarms, and what is left alone."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ops.dead_letters.next_step import FIRST
from ops.queues.undelivered import UNDELIVERED
from pager.aws import client
from pager.change import Change, key_of
from pager.known import causes, log_lines, rejected
from pager.known.log_lines import BROKEN, FINISHED, REDRIVEN, REFUSED, lines_of
from pager.known.series import Series
from tests.pager.factories import AT, Aws, logged, notification
from uploader import log as uploader_log
from worker.contracts import errors, keys, names


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("START RequestId: 1 Version: $LATEST", None),
        ("[1, 2]", None),
        ('{"event": "batch.done"}', None),
        ('{"event": "message.done", "redrives": 0}', None),
        ('{"event": "message.done", "redrives": 0, "attempt": 1}', None),
        ('{"event": "message.done", "redrives": 0, "attempt": "2"}', None),
        ('{"event": "message.done", "redrives": 0, "attempt": 2}', (FINISHED, "", "")),
        ('{"event": "message.done", "redrives": 1, "attempt": 1}', (REDRIVEN, "", "")),
        ('{"record": {"status": "success"}, "type": "platform.report"}', None),
        ('{"record": {"status": "timeout"}, "type": "platform.report"}', (BROKEN, "timeout", "")),
        ('{"errorType": "ValueError", "errorMessage": "no"}', (BROKEN, "ValueError", "no")),
        ('{"event": "request.failed", "trace": "Traceback\\n  x\\nKeyError: 1\\n"}', (BROKEN, "internal-error", "KeyError: 1")),
        ('{"event": "request.refused", "code": "wrong-code"}', (REFUSED, "wrong-code", "")),
        ('{"event": "message.reject", "reason": 7, "keys": "none"}', ("rejected", "7", "")),
    ],
)  # fmt: skip
def test_of_a_log_only_what_failed_is_read(message, expected):
    """Whatever else is in it, also what is no line of ours."""
    events = [{"timestamp": int(AT.timestamp() * 1000), "message": message}]
    lines = lines_of(Aws(events=events), "worker-log", AT - timedelta(minutes=1), lambda: True)
    assert [(line.kind, line.reason, line.detail) for line in lines.read] == ([expected] if expected else [])
    assert lines.whole


def test_a_log_of_many_pages_is_read_to_its_end():
    """While there is time."""
    events = [logged("message.reject", reason="truncated", keys=["a"]) for _ in range(250)]
    lines = lines_of(Aws(events=events), "worker-log", AT - timedelta(minutes=1), lambda: True)
    assert (len(lines.read), lines.whole) == (250, True)


@pytest.mark.parametrize(
    ("values", "course"),
    [
        ([], ""),
        ([3], "it grows: from 0 to 3"),
        ([1, 2, 40, 12], "it grows: from 2 to 40"),
        ([9, 9, 9], "it holds at 9"),
        ([50, 20, 3, 1], "it falls: from 50 to 3"),
    ],
)
def test_whether_it_grows_is_seen_in_the_latest_minutes(values, course):
    """The last of which is not over: it alone says nothing."""
    assert Series("Letters", values).course == course


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("images-dev-dead-letters-1a2b3c4", "dead-letters"),
        ("images-dev-unread-search-1a2b3c4", "unread-search"),
        ("images-dev-unhealthy-1a2b3c4", "unhealthy"),
        ("another", "another"),
    ],
)
def test_an_alarm_s_key_is_its_name_without_what_pulumi_adds(name, key):
    """As the runbook has it."""
    assert key_of(name, "images-dev") == key


@pytest.mark.parametrize("time", ["2026-11-26T05:31:02.000+0000", "2026-11-26T05:31:02Z", "2026-11-26T06:31:02+01:00"])
def test_the_time_of_a_change_is_read_in_every_form(time):
    """CloudWatch's, which has no colon in its zone, and the embedded AWS's."""
    sns = notification()
    sns["Message"] = json.dumps({**json.loads(sns["Message"]), "StateChangeTime": time})
    assert Change.of(sns, "images-dev").at == AT


def test_a_client_gives_up_early(monkeypatch):
    """The message must go out before the function's time is over."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    config = client("sns").meta.config
    assert (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] <= 8


def test_the_lines_are_called_as_their_writers_call_them():
    """The pager has neither's code in its package."""
    assert set(log_lines.KINDS) == {names.REJECT, names.RETRY, uploader_log.FAILED, uploader_log.REFUSED}
    assert log_lines.DONE == names.DONE
    assert all(f'"{event}"' in log_lines.PATTERN for event in (*log_lines.KINDS, log_lines.DONE))


def test_reasons_and_the_index_are_called_as_the_worker_calls_them():
    """What has to be repaired first is tried again until it is."""
    assert rejected.START == keys.REJECTS
    assert {errors.AccessDenied.reason, errors.Unexpected.reason} == causes.REPAIR == FIRST.keys() - {UNDELIVERED}
    assert all(leaf.retryable for leaf in errors.leaves() if leaf.reason in causes.REPAIR)
