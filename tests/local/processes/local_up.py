"""`python -m local up` as a process of a test."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.local.processes.programs import started


def up(directory, *arguments):
    """Run the pipeline in `directory` until the block ends; what it prints is text, to be read from its pipes."""
    return started(
        [sys.executable, "-m", "local", "up", "--directory", str(directory), *arguments],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def printed_by(process):
    """Return what `up` prints, up to its last line."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "aws s3 ls --recursive" in line:
            return "".join(lines)
    raise AssertionError("".join(lines) + process.stderr.read())
