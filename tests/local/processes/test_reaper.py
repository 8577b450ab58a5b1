"""Whatever ends a test or its pytest process, nothing that it has started is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.processes.leftovers import assert_nothing_left, processes_in, serving_port
from tests.local.processes.programs import started
from tests.local.processes.waiting import DEADLINE, eventually

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.stack, pytest.mark.soak, pytest.mark.timeout(300)]
HANGS = """
import os, signal, subprocess, sys
from pathlib import Path

import pytest

from tests.local.processes.local_up import printed_by, up

DIRECTORY, READY = Path({directory!r}), Path({ready!r})
CHILD = [sys.executable, "-c", "import signal; signal.pause()", str(DIRECTORY)]


@pytest.fixture
def pipeline():
    with up(DIRECTORY) as process:
        printed_by(process)
        child = subprocess.Popen(CHILD, start_new_session=True)
        READY.write_text(str(os.getpid()))
        yield child


@pytest.mark.timeout({seconds}, func_only=True)
def test_hangs(pipeline):
    while True:
        signal.pause()
"""


def written(directory: Path, seconds: float) -> list[str]:
    """Write a test that starts a pipeline and another process and hangs; return the command that runs it."""
    module = directory / "test_hangs.py"
    where = {"directory": str(directory / "up"), "ready": str(directory / "ready")}
    module.write_text(HANGS.format(seconds=seconds, **where))
    ours = [f"--config-file={ROOT / 'pyproject.toml'}", f"--rootdir={ROOT}", "-ptests.conftest", "-pno:cacheprovider"]
    return [sys.executable, "-m", "pytest", *ours, str(module)]


def hangs(directory: Path) -> int | None:
    """Return the id of the process that runs the test, once all that it starts is there."""
    ready = directory / "ready"
    return int(ready.read_text() or 0) if ready.exists() else None


def test_nothing_outlives_a_pytest_that_is_killed(tmp_path):
    """SIGKILL to the process that was started by hand ends its workers, their `local up`, and whatever else they started."""
    with started([*written(tmp_path, 600), "-n", "1"], stdout=subprocess.DEVNULL) as pytest_:
        eventually(lambda: hangs(tmp_path), 2 * DEADLINE)
        port = serving_port(tmp_path / "up")

        pytest_.kill()

    assert_nothing_left(tmp_path / "up", port, may_stay=frozenset({"inbox.jsonl", "mail.jsonl", "outputs.json"}))


def test_nothing_outlives_a_worker_that_is_killed(tmp_path):
    """The controller reports a crash; it may end before the processes of the worker are killed."""
    with started([*written(tmp_path, 600), "-n", "1"], stdout=subprocess.PIPE) as pytest_:
        worker = eventually(lambda: hangs(tmp_path), 2 * DEADLINE)
        assert len(processes_in(tmp_path / "up")) >= 4, "local up, keeper, server, child; perhaps a function"
        port = serving_port(tmp_path / "up")

        os.kill(worker, signal.SIGKILL)

        assert_nothing_left(tmp_path / "up", port, may_stay=frozenset({"inbox.jsonl", "mail.jsonl", "outputs.json"}))
        assert b"crashed while running" in pytest_.communicate(timeout=DEADLINE)[0]


def test_nothing_outlives_a_test_that_takes_too_long(tmp_path):
    """Its block ends `local up`, and the reaper the rest when pytest is through."""
    with started(written(tmp_path, 0.5), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as pytest_:
        said, _ = pytest_.communicate(timeout=2 * DEADLINE)

    assert pytest_.returncode == 1
    assert b"Timeout" in said
    assert (tmp_path / "ready").exists()
    assert eventually(lambda: not processes_in(tmp_path / "up"))
