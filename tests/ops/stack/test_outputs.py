from __future__ import annotations

import json
import os
import stat

import pytest

from ops.commands.cli import main
from ops.stack import outputs as stack_module
from ops.stack.outputs import Stack
from ops.terminal.errors import NoStack

OUTPUTS = {
    "source_bucket": "s",
    "output_bucket": "o",
    "queue_url": "https://sqs.eu-west-3.amazonaws.com/1/images-queue",
    "dead_letter_queue_url": "https://sqs.eu-west-3.amazonaws.com/1/images-dead-letters",
    "worker_function": "w",
    "alarm_topic_arn": "arn:aws:sns:eu-west-3:1:alarms",
}


@pytest.fixture
def pulumi(tmp_path, monkeypatch):
    """Return a function that puts a Pulumi CLI on the path which runs this shell script."""

    def install(script):
        path = tmp_path / "bin" / "pulumi"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}{os.environ['PATH']}")

    return install


def test_the_pulumi_cli_is_asked_for_a_stack(pulumi):
    """By name, without questions; the region is the queue's, so that no AWS_REGION is needed."""
    pulumi(f'test "$*" = "stack output --json --stack dev --non-interactive" && echo \'{json.dumps(OUTPUTS)}\'')
    found = Stack.named("dev")
    assert (found.name, found.arguments, found.region) == ("dev", "--stack dev", "eu-west-3")
    assert found.endpoint_url is None
    assert found.backfill_queue_url is None


def test_what_pulumi_says_of_an_unknown_stack_is_passed_on(pulumi):
    """Its first line, and how to see which there are."""
    pulumi("echo \"error: no stack named 'nope' found\" >&2; exit 255")
    with pytest.raises(NoStack, match=r"no stack named 'nope' found\. pulumi stack ls lists them"):
        Stack.named("nope")


def test_without_the_pulumi_cli_there_is_a_way(monkeypatch):
    """The sentence names the option that needs none."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoStack, match="--outputs FILE"):
        Stack.named("dev")


def test_the_local_stack_must_be_running(tmp_path, monkeypatch):
    """And is found by the file that its engine keeps."""
    path = tmp_path / "outputs.json"
    monkeypatch.setattr(stack_module, "LOCAL_OUTPUTS", path)
    with pytest.raises(NoStack, match="make up"):
        Stack.named("local")
    path.write_text(json.dumps({**OUTPUTS, "region": "eu-central-1", "endpoint_url": "http://127.0.0.1:1"}))
    assert Stack.named("local").endpoint_url == "http://127.0.0.1:1"
    assert Stack.named("local").region == "eu-central-1"


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({**OUTPUTS, "queue_url": ""})])
def test_a_file_of_something_else_is_one_sentence(tmp_path, content):
    """No JSON, no object, or an output that is missing."""
    path = tmp_path / "outputs.json"
    path.write_text(content)
    with pytest.raises(NoStack, match=r"pulumi stack output|Deploy it"):
        Stack.from_file(path)


def test_which_stack_must_be_said(capsys):
    """Help needs none; everything else says how to name one."""
    assert main(["dlq", "list", "--help"]) == 0
    assert main(["dlq", "list"]) == 2
    assert "--stack local" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["dlq", "list"],
        ["redrive", "--yes"],
        ["where", "a.jpg"],
        ["upload", __file__],
        ["backfill"],
        ["smoke"],
    ],
    ids=lambda words: words[0],
)
def test_without_credentials_every_command_is_one_sentence(tmp_path, monkeypatch, capsys, command):
    """It says to log in; no traceback, exit status 2, and nothing is waited for."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    with_backfill = {**OUTPUTS, "backfill_queue_url": OUTPUTS["queue_url"].replace("queue", "backfill")}
    (tmp_path / "outputs.json").write_text(json.dumps(with_backfill))
    assert main(["--outputs", "outputs.json", *command]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("Error: There are no AWS credentials to ")
    assert "AWS_PROFILE" in error


def test_a_local_stack_that_has_ended_is_one_sentence(tmp_path, monkeypatch, capsys):
    """A file of outputs may outlive its stack."""
    monkeypatch.chdir(tmp_path)
    gone = {**OUTPUTS, "region": "eu-central-1", "endpoint_url": "http://127.0.0.1:1"}
    (tmp_path / "outputs.json").write_text(json.dumps(gone))
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    assert main(["--outputs", "outputs.json", "where", "a.jpg"]) == 2
    assert "does not answer at http://127.0.0.1:1: start it with make up" in capsys.readouterr().err
