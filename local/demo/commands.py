"""The operators' commands, run on a local stack as its user would run them, and waiting for what the stack does.

Both fail at once where the emulator has ended or the worker's role lacks a permission: no wait would end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from local import ROOT
from local.engine import OUTPUTS
from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from local.stack import LocalStack

WIDTH: Final = 100
"""Columns of a table, as printed and as on the page."""
PATIENCE: Final = 60.0
"""Seconds until what has not happened is a failure."""
_DEADLINE: Final = 300.0
"""Seconds of one command; all give up earlier by themselves."""
_POLL: Final = 0.2


class DemoError(LocalError):
    """The pipeline did not do what it should; the message says what was seen last."""


@dataclass(frozen=True)
class Operator:
    """Runs `python -m ops` on `stack`, and shows each command on `console`."""

    stack: LocalStack
    console: Console

    def run(self, *arguments: str, shown: str | None = None) -> subprocess.CompletedProcess[str]:
        """Return the status and the output of one command; `shown` are its arguments as one would type them.

        Raises:
            DemoError: A permission is missing, or the command does not end.
            EmulatorError: The emulator has ended.
        """
        outputs = self.stack.directory / OUTPUTS
        named = outputs.relative_to(ROOT) if outputs.is_relative_to(ROOT) else outputs
        typed = shown or " ".join(arguments)
        self.console.print(f"python -m ops --outputs {named} {typed}", markup=False, highlight=False)
        command = [sys.executable, "-m", "ops", "--outputs", str(outputs), *arguments]
        environment = {**os.environ, "COLUMNS": str(WIDTH), "NO_COLOR": "1"}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                return subprocess.CompletedProcess(command, *self._ended(process, typed))
            finally:
                process.kill()

    def documents(self, *arguments: str, shown: str | None = None) -> list[dict[str, Any]]:
        """Return the JSON documents that a command prints, one a line, whatever its status."""
        return [json.loads(line) for line in self.run(*arguments, shown=shown).stdout.splitlines()]

    def _ended(self, process: subprocess.Popen[str], typed: str) -> tuple[int, str]:
        """Return the status and the output of `process`, when it has ended."""
        deadline = time.monotonic() + _DEADLINE
        while time.monotonic() < deadline:
            try:
                output, _ = process.communicate(timeout=_POLL)
            except subprocess.TimeoutExpired:
                assert_permitted(self.stack)
            else:
                return process.returncode, output
        raise DemoError(f"`{typed}` did not end within {_DEADLINE:.0f} s")


def wait(stack: LocalStack, done: Callable[[], bool], what: str) -> None:
    """Wait until `done`.

    Raises:
        DemoError: A permission is missing, or `PATIENCE` is over.
        EmulatorError: The emulator has ended.
    """
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert_permitted(stack)
        if time.monotonic() > deadline:
            raise still_waiting(stack, what)
        time.sleep(_POLL)


def still_waiting(stack: LocalStack, what: str) -> DemoError:
    """Return the error that says so, with the last retry in the worker's log."""
    retries = _retries(stack)
    last = f"; the worker's last retry: {retries[-1]}" if retries else ""
    return DemoError(f"still waiting for {what} after {PATIENCE:.0f} s{last}")


def assert_permitted(stack: LocalStack) -> None:
    """Return if the emulator runs and the worker was denied nothing.

    Raises:
        DemoError: A permission is missing.
        EmulatorError: The emulator has ended.
    """
    stack.assert_alive()
    denied = [line for line in _retries(stack) if line["reason"] == "access-denied"]
    if denied:
        raise DemoError(f"the worker's role lacks a permission: {denied[0]['detail']}")


def _retries(stack: LocalStack) -> list[dict[str, Any]]:
    return [line for line in stack.worker_log_lines() if line.get("event") == "message.retry"]
