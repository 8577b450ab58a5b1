"""Processes that tests start."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT: Final = Path(__file__).parents[3]


@contextmanager
def started(command: list[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Run `command` in the repository's root until the block ends: a test that fails inside leaves and waits for nothing."""
    with subprocess.Popen(command, cwd=_ROOT, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def runs(program: str) -> bool:
    """Whether there is a `program` that runs: a version manager's stub for one that is not installed is there, and fails."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False, timeout=60).returncode == 0
    except OSError:
        return False
