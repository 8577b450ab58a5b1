"""One stack on the embedded AWS for the whole session, emptied for each test that asks for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from local.engine import running
from tests.ops.workbench import Bench
from tests.worker.conftest import aws, s3

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["aws", "s3"]


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """Run the program on an emulator of its own."""
    with running(directory=tmp_path_factory.mktemp("ops")) as stack:
        yield stack


@pytest.fixture
def bench(engine, tmp_path, monkeypatch) -> Iterator[Bench]:
    """Return the stack with nothing in it, and commands run in a directory of their own without credentials."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    bench = Bench(engine)
    bench.empty()
    yield bench
    engine.assert_alive()
