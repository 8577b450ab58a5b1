"""`python -m local`: what it prints works, Ctrl-C ends it, and errors are one line."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from infra.config.stack_config import StackConfig
from local import ROOT
from local.__main__ import cli, overrides_of
from local.engine import stack_config
from tests.local.processes.leftovers import assert_nothing_left, kill_server, serving_port
from tests.local.processes.local_up import printed_by, up
from tests.local.processes.programs import runs
from tests.local.processes.waiting import DEADLINE, eventually
from tests.web.conftest import Site

pytestmark = pytest.mark.timeout(300)


def test_help_is_a_manual():
    """Every command says what it leaves behind and shows examples."""
    runner = CliRunner()

    for command in ([], ["up"], ["demo"]):
        page = runner.invoke(cli, [*command, "--help"], prog_name="python -m local")
        assert page.exit_code == 0
        assert not command or f"  python -m local {command[0]}\n" in page.output


@pytest.mark.parametrize(
    ("settings", "overrides"),
    [
        ([], {}),
        (["worker.memory=1024"], {"worker": {"memory": 1024}}),
        (
            ["worker.memory=1024", "worker.timeout=90", "audit=weekly"],
            {"worker": {"memory": 1024, "timeout": 90}, "audit": "weekly"},
        ),
        (["delivery.enabled=true", "source.prefix="], {"delivery": {"enabled": True}, "source": {"prefix": ""}}),
        (["tags.team=a=b"], {"tags": {"team": "a=b"}}),
    ],
)
def test_a_configuration_is_laid_over_the_stack_s_file(settings, overrides):
    """Part by part, and as the program would read it of the file."""
    assert overrides_of(settings) == overrides
    memory = overrides.get("worker", {}).get("memory", 512)
    assert StackConfig.read(stack_config(overrides), "local").pipeline.worker.memory == memory


@pytest.mark.parametrize(
    "settings", [["worker.memory"], ["=1"], ["worker.=1"], ["worker.memory=1", "worker.memory.x=2"], ["a.b=1", "a=2"]]
)
def test_a_configuration_that_is_none_is_one_line(settings):
    """Before anything is started."""
    ended = CliRunner().invoke(cli, ["up", *(f"--config={each}" for each in settings)])
    assert ended.exit_code == 2
    assert "it takes PATH=VALUE, such as worker.memory=1024." in ended.output


@pytest.mark.parametrize(("option", "setting"), [("--web", "page=1"), ("--adopt", "source=1")])
def test_a_configuration_that_an_option_stands_within_is_one_line(option, setting):
    """What the option sets would be gone, and with it what is printed."""
    ended = CliRunner().invoke(cli, ["up", option, "--config", setting])
    assert ended.exit_code == 2
    assert f"--config {setting}: it takes PATH=VALUE" in ended.output


def port_of(directory):
    """Return the port that `outputs.json` names."""
    outputs = json.loads((directory / "outputs.json").read_text())
    return int(outputs["endpoint_url"].rpartition(":")[2])


def run_shell(script):
    """Run a command as pasted into a terminal; return its output."""
    return subprocess.run(
        ["/bin/sh", "-ec", script], cwd=ROOT, check=True, capture_output=True, text=True, timeout=DEADLINE
    ).stdout


def page_opens_as_printed(process):
    """Read the link and the access code that `--web` prints, and use them."""
    _, link, code = (process.stdout.readline().strip().rpartition(" ")[2] for _ in range(3))
    site = Site(link)
    assert site.ask("GET", "/").status == 200
    body = {"name": "a.png", "size": 1, "type": "image/png"}
    assert site.ask("POST", "/api/uploads", body, {"Authorization": f"Bearer {code}"}).status == 201


@pytest.mark.stack
def test_what_it_prints_works_as_printed_and_ctrl_c_ends_it(tmp_path):
    """Pasted into another shell, the examples upload; the page opens with its code; afterwards nothing is left."""
    with up(tmp_path, "--web") as process:
        printed = printed_by(process)
        page_opens_as_printed(process)
        port = port_of(tmp_path)
        exports = "\n".join(re.findall(r"export .*", printed))
        examples = re.findall(r".*upload_file.*", printed)
        if runs("aws"):
            examples += re.findall(r"aws s3 cp .*", printed)
        (bucket,) = re.findall(r"source_bucket +(.*)", printed)

        run_shell("\n".join([exports, *examples]))

        count = "import boto3, sys; print(boto3.client('s3').list_objects_v2(Bucket=sys.argv[1])['KeyCount'])"
        assert int(run_shell(f'{exports}\n{sys.executable} -c "{count}" {bucket}')) == len(examples)
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 0
        assert process.stderr.read() == "stopped\n"
    assert_nothing_left(tmp_path, port)


@pytest.mark.stack
def test_sigterm_is_ctrl_c_and_may_come_at_any_moment(tmp_path):
    """Exit status 0 in the middle of the deployment too, and nothing left."""
    with up(tmp_path) as process:
        port = eventually(lambda: serving_port(tmp_path))

        process.terminate()

        assert process.wait(DEADLINE) == 0
        assert process.stderr.read() == "stopped\n"
    assert_nothing_left(tmp_path, port)


@pytest.mark.stack
def test_it_does_not_survive_a_kill(tmp_path):
    """SIGKILL leaves nothing running, whatever was being deployed; what may stay are files, and their endpoint is closed."""
    with up(tmp_path) as process:
        port = eventually(lambda: serving_port(tmp_path))

        process.kill()

    assert_nothing_left(tmp_path, port, may_stay=frozenset({"inbox.jsonl", "mail.jsonl", "outputs.json"}))


def test_a_taken_port_is_one_line(tmp_path):
    """No traceback, exit status 1, before an emulator is started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with up(tmp_path, "--port", str(port)) as process:
            _, errors = process.communicate(timeout=DEADLINE)

    assert process.returncode == 1
    assert errors.startswith(f"Error: port {port} of 127.0.0.1 cannot be used")
    assert errors.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


@pytest.mark.stack
def test_an_emulator_that_dies_later_ends_it_with_an_error(tmp_path):
    """Not a silent wait for ever."""
    with up(tmp_path) as process:
        printed_by(process)

        kill_server(tmp_path)

        assert process.wait(DEADLINE) == 1
        assert "Error: the emulator ended with status 137" in process.stderr.read()
