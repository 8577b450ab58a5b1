"""Kills what a pytest process has started, as soon as that process has ended in whatever way, SIGKILL included.

    pytest ──pipe── reaper
       └── children, and theirs, each with this pytest's mark in its environment

The kernel closes pytest's end of the pipe however pytest ends. The reaper then kills every process that inherited the
mark. An emulator has no mark: its keeper ends it when the process that started it is gone. Workers of pytest-xdist have
a reaper each, and their controller's mark: they end with it. Needs Linux's /proc; elsewhere it kills nothing.

Run as `python -m tests.local.processes.reaper MARK`, without a mark of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

VARIABLE: Final = "STARTED_BY_PYTEST"
"""In the environment of all that a pytest process starts: its mark, after those of the pytest processes above it."""
_ROOT: Final = Path(__file__).parents[3]
_DEADLINE: Final = 30.0
"""Seconds; a process that the kernel does not let go of is given up then."""


def start() -> subprocess.Popen[bytes]:
    """Mark all that this process starts from here on, and return the reaper that waits for its end."""
    mark = uuid.uuid4().hex
    command = [sys.executable, "-m", "tests.local.processes.reaper", mark]
    reaper = subprocess.Popen(
        command, cwd=_ROOT, env={}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    os.environ[VARIABLE] = f"{os.environ.get(VARIABLE, '')}/{mark}"
    return reaper


def stop(reaper: subprocess.Popen[bytes]) -> None:
    """Let the reaper kill what is left, and wait until it has."""
    assert reaper.stdin is not None
    reaper.stdin.close()
    reaper.wait()


def main() -> None:
    """Wait for the end of the pipe, then kill until nothing with the mark is left."""
    os.read(sys.stdin.fileno(), 1)  # Nobody ever writes: this returns at the end.
    deadline = time.monotonic() + _DEADLINE
    while time.monotonic() < deadline and (found := _marked(sys.argv[1].encode())):
        for process in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.01)


def _marked(mark: bytes) -> list[int]:
    """Return the ids of all running processes that have the mark; a zombie's environment is empty."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It is another user's, or has ended meanwhile.
            if mark in (process / "environ").read_bytes():
                found.append(int(process.name))
    return found


if __name__ == "__main__":
    main()
