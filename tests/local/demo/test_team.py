"""The rehearsal of an adoption, as docs/adopt.md has it."""

from __future__ import annotations

import json

import pytest

from local.demo.team import BUCKET, make_team_bucket
from local.engine import running
from ops.commands.cli import main
from tests.local.processes.waiting import eventually

pytestmark = [pytest.mark.stack, pytest.mark.soak]


def test_a_bucket_of_others_is_there_to_be_adopted(tmp_path, capsys):
    """Its pictures are rendered by the backfill, and those who were told of changes still are."""
    config = {"source": {"bucket": BUCKET, "prefix": "photos/"}}
    with running(directory=tmp_path, config=config, before=make_team_bucket) as stack:
        assert stack["source_bucket"] == BUCKET
        ops = ["--outputs", str(tmp_path / "outputs.json")]
        assert main([*ops, "adopt", BUCKET, "--yes"]) == 0
        assert main([*ops, "backfill", "--yes"]) == 0
        found = stack.client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
        assert [each["Id"] for each in found["QueueConfigurations"] + found["TopicConfigurations"]] == [
            "index",
            "removals",
        ]
        assert "EventBridgeConfiguration" in found
        eventually(lambda: main([*ops, "where", "photos/rocket.jpg", "--json"]) == 0)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"key"')]
    assert lines[-1]["state"] == "ready"
