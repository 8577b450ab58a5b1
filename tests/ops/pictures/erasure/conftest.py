"""A world on moto, without waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.ops.conftest import POLLS, KeptClients
from tests.ops.pictures.erasure.world import LOG_GROUP, deployment
from tests.worker.conftest import REGION

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Worlds:
    """Where commands run, and the clients that they all use."""

    directory: Path
    clients: KeptClients


@pytest.fixture
def worlds(aws, tmp_path, monkeypatch):
    """Return a place for worlds on an AWS in memory with a worker of the default recipes."""
    monkeypatch.chdir(tmp_path)
    for name, seconds in POLLS.items():
        monkeypatch.setattr(name, seconds)
    monkeypatch.setattr("ops.session.Deployment.read", lambda *_: deployment())
    logs = boto3.client("logs")
    for name, days in ((LOG_GROUP, 14), ("images-dev-auditor-1a2b3c4", None), ("images-prod-worker-1a2b3c4", 3)):
        logs.create_log_group(logGroupName=name)
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    kept = KeptClients(REGION, None)
    monkeypatch.setattr("ops.session.Clients", kept.of)
    return Worlds(tmp_path, kept)
