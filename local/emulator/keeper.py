"""The emulator's keeper: a small process that lives as long as the engine and leaves nothing behind.

    engine ──pipe── keeper ──pipe── server (the emulator) ── Lambda children
    own session      own session      own process group

The kernel closes the engine's end of the pipe however the engine ends, SIGKILL included. The keeper then kills the
server's whole process group and removes the emulator's temporary directory. If the keeper itself is killed, the
server sees its own pipe close and kills its group. Never imports anything of the emulator: it must start in
milliseconds.

Run as `python -m local.emulator.keeper TEMPORARY_DIRECTORY SOCKET_FD`, environment and log inherited from the engine.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_GRACE: Final = 3.0
"""Seconds that killed processes get to disappear before the temporary directory goes."""


def main() -> int:
    """Start the server, wait for it or for the engine's end, clean up; return the server's exit status."""
    temporary, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    server = subprocess.Popen(
        [sys.executable, "-m", "local.emulator.server", str(descriptor)],
        stdin=subprocess.PIPE,
        pass_fds=[descriptor],
        process_group=0,
    )
    os.close(descriptor)
    signal.signal(signal.SIGTERM, lambda *_: _kill_group(server.pid))
    threading.Thread(target=_kill_at_end_of_input, args=(server.pid,), daemon=True).start()
    try:
        status = server.wait()
        return status if status >= 0 else 128 - status  # As a shell would say it.
    finally:
        _kill_group(server.pid)
        _wait_for_group(server.pid)
        shutil.rmtree(temporary, ignore_errors=True)


def _kill_at_end_of_input(group: int) -> None:
    os.read(
        sys.stdin.fileno(), 1
    )  # Nobody ever writes: this returns at the end. Not `sys.stdin`: its lock outlives us.
    _kill_group(group)


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _wait_for_group(group: int) -> None:
    """Return when the group is empty; its orphans are reaped by init; where init does not, zombies keep no resources."""
    deadline = time.monotonic() + _GRACE
    with suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < deadline and not _only_zombies(group):
            os.killpg(group, 0)
            time.sleep(0.01)


def _only_zombies(group: int) -> bool:
    """Whether Linux's /proc has no process of the group that still runs; elsewhere False."""
    stats = list(Path("/proc").glob("[0-9]*/stat"))
    return bool(stats) and not any(_runs_in(stat, group) for stat in stats)


def _runs_in(stat: Path, group: int) -> bool:
    try:
        state, _parent, process_group = stat.read_text().rpartition(")")[2].split()[:3]
    except (OSError, ValueError):
        return False  # It ended while we looked.
    return int(process_group) == group and state != "Z"


if __name__ == "__main__":
    sys.exit(main())
