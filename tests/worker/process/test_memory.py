from __future__ import annotations

import subprocess
import sys

import pytest

from worker.process import memory
from worker.process.memory import peak_bytes


def test_the_peak_grows_with_what_was_taken_and_never_falls():
    """Memory that was given back still counts; measured in a process of its own, which has no past."""
    code = (
        "from worker.process.memory import peak_bytes; before = peak_bytes(); taken = b'x' * 100_000_000; del taken;"
        "print(peak_bytes() - before)"
    )
    grown = int(subprocess.check_output([sys.executable, "-c", code]))
    assert 90_000_000 < grown < 150_000_000


def test_a_child_counts_too():
    """A suspect is rendered in a child process, which takes memory of the same function."""
    before = peak_bytes()
    size = before + 50_000_000
    subprocess.run([sys.executable, "-c", f"b'x' * {size}"], check=True)
    assert peak_bytes() >= size


def test_without_proc_the_system_call_is_used(monkeypatch, tmp_path):
    """On a Mac there is no /proc."""
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "missing")
    assert peak_bytes() > 10_000_000


@pytest.mark.skipif(not memory._STATUS.exists(), reason="needs /proc")
def test_what_started_this_process_does_not_count():
    """`ru_maxrss` starts with the parent's size; a small worker that a large process started is small."""
    large = b"x" * 300_000_000
    code = "from worker.process.memory import peak_bytes; print(peak_bytes())"
    assert int(subprocess.check_output([sys.executable, "-c", code])) < len(large)
