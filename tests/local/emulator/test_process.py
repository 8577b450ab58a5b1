"""The emulator process: its death is noticed at once, and it ends without a trace however its user ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap

import pytest

from local.cloud import Cloud
from local.emulator.process import running_emulator
from local.errors import EmulatorError
from local.provision.provisioner import Provisioner
from tests.local.conftest import REGION
from tests.local.processes.leftovers import assert_nothing_left, is_open, kill_server, processes_in
from tests.local.processes.programs import started
from tests.local.processes.waiting import DEADLINE, eventually
from tests.local.provision.orders import ANSWERS_NOTHING, Shop

CALLER = """
    import signal, sys
    from pathlib import Path
    from local.emulator.process import running_emulator
    with running_emulator(Path(sys.argv[1]), region="eu-central-1") as emulator:
        print(emulator.port, flush=True)
        signal.pause()
"""


def test_a_stopped_emulator_leaves_nothing(tmp_path):
    """No process, not even a Lambda child, no port, no temporary file."""
    with running_emulator(tmp_path, region=REGION) as emulator:
        cloud = Cloud(emulator.endpoint_url, REGION)
        shop = Shop(cloud, Provisioner(cloud))
        function = shop.function(tmp_path, ANSWERS_NOTHING, role=shop.role(actions={}))
        cloud.client("lambda").invoke(FunctionName=function["id"], Payload=b'{"Records": []}')
        assert len(processes_in(tmp_path)) == 3, "keeper, server, Lambda child"
        cloud.close()
    (tmp_path / "code.zip").unlink()

    assert_nothing_left(tmp_path, emulator.port)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_an_emulator_does_not_outlive_its_caller(tmp_path, ending):
    """However the caller ends, SIGKILL included, the keeper notices."""
    with started([sys.executable, "-c", textwrap.dedent(CALLER), str(tmp_path)], stdout=subprocess.PIPE) as caller:
        assert caller.stdout is not None
        port = int(caller.stdout.readline())
        assert is_open(port)

        caller.send_signal(ending)

    assert_nothing_left(tmp_path, port)


def test_an_emulator_does_not_outlive_its_keeper(tmp_path):
    """Even if the keeper itself is killed, the server ends and the caller gets an error."""
    with running_emulator(tmp_path, region=REGION) as emulator:
        os.kill(emulator.process.pid, signal.SIGKILL)

        assert eventually(lambda: not processes_in(tmp_path))
        emulator.process.wait(DEADLINE)  # It may be on its way out still, when its environment is gone already.
        with pytest.raises(EmulatorError, match="status -9"):
            emulator.assert_alive()


def test_a_killed_emulator_is_noticed_with_the_end_of_its_log(tmp_path):
    """Its caller gets an error in seconds that shows why."""
    with running_emulator(tmp_path, region=REGION) as emulator:
        emulator.assert_alive()
        kill_server(tmp_path)
        emulator.process.wait(DEADLINE)

        with pytest.raises(EmulatorError, match=r"(?s)the emulator ended with status 137.*emulator\.log.*Running on"):
            emulator.assert_alive()


def test_a_taken_port_is_an_error_at_once(tmp_path):
    """Nothing is started, and the message says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(EmulatorError, match=f"port {port} of 127.0.0.1 .*in use; choose another with --port"):
            running_emulator(tmp_path, region=REGION, port=port).__enter__()

    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    assert_nothing_left(tmp_path, port)


def test_an_emulator_that_fails_to_start_is_an_error_with_its_log(tmp_path, monkeypatch):
    """An import error of the emulator shows up in the message, in seconds."""
    monkeypatch.setattr("local.emulator.process._environment", lambda *_: {"PYTHONPATH": str(tmp_path / "shadow")})
    (tmp_path / "shadow" / "ministack").mkdir(parents=True)
    (tmp_path / "shadow" / "ministack" / "__init__.py").write_text("raise ImportError('out of order')")

    with pytest.raises(EmulatorError, match=r"(?s)ended with status 1.*ImportError: out of order"):
        running_emulator(tmp_path, region=REGION).__enter__()


def test_an_emulator_that_never_answers_is_an_error(tmp_path, monkeypatch):
    """There is a deadline."""
    monkeypatch.setattr("local.emulator.process._START_DEADLINE", 0.3)
    monkeypatch.setattr("local.emulator.process._answers", lambda _: False)

    with pytest.raises(EmulatorError, match="did not answer within"):
        running_emulator(tmp_path, region=REGION).__enter__()

    assert eventually(lambda: not processes_in(tmp_path))


def test_a_directory_has_one_emulator(tmp_path):
    """Two would overwrite each other's outputs."""
    with (
        running_emulator(tmp_path, region=REGION),
        pytest.raises(EmulatorError, match="another embedded AWS is running"),
        running_emulator(tmp_path, region=REGION),
    ):
        pass
