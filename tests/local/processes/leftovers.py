"""What an emulator may have left behind, as Linux sees it."""

from __future__ import annotations

import os
import re
import signal
import socket
from contextlib import suppress
from pathlib import Path

from tests.local.processes.waiting import eventually


def processes_in(directory: Path) -> dict[int, str]:
    """Return the ids and command lines of all running processes that work in `directory`, or were told to."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"TMPDIR={directory}{os.sep}".encode() in environment or f"\0{directory}\0".encode() in command:
            found[int(process.name)] = command.replace(b"\0", b" ").decode()
    return found


def kill_server(directory: Path) -> None:
    """Kill the emulator that runs in `directory`, but not its keeper."""
    for process, command in processes_in(directory).items():
        if " -m local.emulator.server " in command:
            os.kill(process, signal.SIGKILL)


def serving_port(directory: Path) -> int | None:
    """Return the port of the emulator that runs in `directory`, deployed upon or not yet; None before it listens."""
    for process, command in processes_in(directory).items():
        if " -m local.emulator.server " in command:
            with suppress(OSError):  # It may end meanwhile.
                (port,) = re.findall(rb"GATEWAY_PORT=(\d+)", Path(f"/proc/{process}/environ").read_bytes())
                return int(port)
    return None


def is_open(port: int) -> bool:
    """Whether something listens on `port`."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def assert_nothing_left(directory: Path, port: int | None, *, may_stay: frozenset[str] = frozenset()) -> None:
    """Assert that of an emulator in `directory` only its log is left, and the files that `may_stay`."""
    assert eventually(lambda: not processes_in(directory))
    assert eventually(lambda: not list(directory.glob("tmp-*")))
    assert port is not None
    assert not is_open(port)
    assert {path.name for path in directory.iterdir()} <= {"emulator.log", "lock"} | may_stay
