"""One stack on the embedded AWS for the whole session, emptied for each test that asks for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from local.engine import running
from ops.stack.aws import Clients
from tests.ops.support.workbench import Bench
from tests.worker.conftest import aws, s3

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["aws", "s3"]

POLLS = {
    "ops.queues.sweep._LONG_POLL": 0,
    "ops.redrive.follow._POLL_SECONDS": 0.25,
    "ops.pictures.upload._POLL_SECONDS": 0.25,
    "ops.health.smoke._POLL_SECONDS": 0.25,
    "ops.pictures.backfill.canary._POLL_SECONDS": 0.25,
}
"""Seconds: the embedded AWS is one server, which shows at once whatever there is."""


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """Run the program on an emulator of its own."""
    with running(directory=tmp_path_factory.mktemp("ops")) as stack:
        yield stack


class KeptClients(Clients):
    """Clients that the next command uses again: to build them is most of what a command on a small stack does."""

    def of(self, region: str, endpoint_url: str) -> Clients:
        """Return these, which are of the stack that the command has found."""
        assert (region, endpoint_url) == (self._region, self.endpoint_url)
        return self

    def close(self) -> None:
        """Leave them open."""


@pytest.fixture(scope="session")
def clients(engine):
    """Return the clients of every command that is run in this process."""
    clients = KeptClients(engine["region"], engine["endpoint_url"])
    yield clients
    super(KeptClients, clients).close()


@pytest.fixture
def bench(engine, clients, tmp_path, monkeypatch) -> Iterator[Bench]:
    """Return the stack with nothing in it, and commands run in a directory of their own without credentials."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("ops.session.Clients", clients.of)
    for name, seconds in POLLS.items():
        monkeypatch.setattr(name, seconds)
    bench = Bench(engine)
    bench.empty()
    yield bench
    engine.assert_alive()
