from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from worker.contracts.function.memory import BASE
from worker.contracts.function.settings import Settings
from worker.process import memory
from worker.process.memory import give_back, peak_bytes

FREED = """
from worker.process.memory import make_room, resident_bytes
taken = [bytearray(1_000_000) for _ in range(100)]
full = resident_bytes()
del taken
free = resident_bytes()
make_room({needed}, 1_000_000_000)
print(full - free, full - resident_bytes())
"""
"""Prints how many bytes less the process has once 100 MB were freed, and once there was to be room for more of 1 GB."""


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


def left_by(needed: int) -> list[int]:
    """Return what `FREED` prints in a process with the function's settings of the C library."""
    env = {**os.environ, **Settings.PROCESS_VARIABLES}
    return [*map(int, subprocess.check_output([sys.executable, "-c", FREED.format(needed=needed)], env=env).split())]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc")
def test_what_is_free_is_kept_for_the_next_picture_unless_that_needs_the_room():
    """New memory costs page faults; what is kept is given back before it could be too much."""
    assert max(left_by(needed=BASE + 500_000_000)) < 10_000_000
    freed, given_back = left_by(needed=BASE + 700_000_000)
    assert freed < 10_000_000
    assert given_back > 90_000_000


def test_another_c_library_keeps_what_it_likes(monkeypatch):
    """A Mac's has no `malloc_trim`."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    give_back()
