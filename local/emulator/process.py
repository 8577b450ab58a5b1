"""One emulator process: started on a loopback port, watched, stopped without a trace.

Knows nothing of what is deployed on it. Needs a POSIX system (process groups, file locks).
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from local import ROOT
from local.cloud import ACCESS_KEY, SECRET_KEY, SERVICES
from local.emulator.amended.fanout import MAIL, MAIL_VARIABLE
from local.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST: Final = "127.0.0.1"
_START_DEADLINE: Final = 30.0
"""Seconds; half a second is usual, a loaded computer may need several."""
_STOP_DEADLINE: Final = 10.0
_TAIL_LINES: Final = 12
_DIRECTLY: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Emulator:
    """A running emulator.

    Attributes:
        process: Its keeper; ends when the emulator does.
        port: Of the loopback, all services.
        log: What it writes to stdout and stderr.
    """

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def endpoint_url(self) -> str:
        """What every client is pointed at."""
        return f"http://{HOST}:{self.port}"

    def assert_alive(self) -> None:
        """Return if the process runs.

        Raises:
            EmulatorError: It has ended; with the last lines of its log.
        """
        status = self.process.poll()
        if status is not None:
            raise EmulatorError(f"the emulator ended with status {status}; the end of {self.log}:\n{self.tail()}")

    def tail(self) -> str:
        """Return the log's last lines, indented."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:]) or "  (nothing)"


@contextmanager
def running_emulator(directory: Path, *, region: str, port: int | None = None) -> Iterator[Emulator]:
    """Run an emulator on `port`, or on a free one, with its log and temporary files in `directory`.

    Raises:
        EmulatorError: The directory is used by another engine, the port is taken, or the emulator does not get well.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _locked(directory):
        emulator = _start(directory, region, port)
        try:
            _wait_until_healthy(emulator)
            yield emulator
        finally:
            _stop(emulator)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Lock `directory` for this engine; the kernel releases the lock however the process ends."""
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmulatorError(
                f"another embedded AWS is running in {directory}; stop it first (Ctrl-C where it was started)"
            ) from None
        yield


def _start(directory: Path, region: str, port: int | None) -> Emulator:
    log = directory / "emulator.log"
    temporary = Path(tempfile.mkdtemp(prefix="tmp-", dir=directory))
    try:
        with _bound(port) as listener, log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "local.emulator.keeper", str(temporary), str(listener.fileno())],
                cwd=ROOT,
                env=_environment(temporary, region, listener.getsockname()[1]),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
            return Emulator(process, listener.getsockname()[1], log)
    except BaseException:
        temporary.rmdir()
        raise


def _bound(port: int | None) -> socket.socket:
    """Return a listening socket; 0 and None mean any free port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port or 0))
        listener.listen(socket.SOMAXCONN)
    except OSError as exc:
        listener.close()
        raise EmulatorError(
            f"port {port} of {HOST} cannot be used: {exc.strerror}; choose another with --port"
        ) from exc
    return listener


def _environment(temporary: Path, region: str, port: int) -> dict[str, str]:
    """Return all that the emulator and its Lambda functions see of this computer's environment."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": region,
        "SERVICES": ",".join(SERVICES),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        MAIL_VARIABLE: str(temporary.parent / MAIL),
        "DOCKER_HOST": f"unix://{temporary}/no-docker.sock",
    }


def _wait_until_healthy(emulator: Emulator) -> None:
    deadline = time.monotonic() + _START_DEADLINE
    while not _answers(emulator.endpoint_url):
        emulator.assert_alive()
        if time.monotonic() > deadline:
            raise EmulatorError(
                f"the emulator did not answer within {_START_DEADLINE:.0f} s; the end of {emulator.log}:\n{emulator.tail()}"
            )
        time.sleep(0.02)


def _answers(endpoint_url: str) -> bool:
    try:
        with _DIRECTLY.open(f"{endpoint_url}/_ministack/health", timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _stop(emulator: Emulator) -> None:
    """Close the keeper's pipe, which ends it and all of its children, and wait for that."""
    assert emulator.process.stdin is not None
    emulator.process.stdin.close()
    try:
        emulator.process.wait(_STOP_DEADLINE)
    except subprocess.TimeoutExpired:
        emulator.process.kill()
        emulator.process.wait()
