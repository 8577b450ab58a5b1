from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.local.processes.waiting import eventually
from tests.worker.images.pictures.small import jpeg
from worker.contracts.errors import (
    DecoderCrashed,
    DecoderOutOfMemory,
    DecoderTimeout,
    OutOfTime,
    PipelineError,
    TooLarge,
    Truncated,
    UnsupportedFormat,
)
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import render
from worker.images.pixels.resampler import resampler
from worker.rendering import parent
from worker.rendering.parent import render_in_child
from worker.rendering.wire import Order

SPECS = (RenditionSpec("thumbnail", 16, 16), RenditionSpec("web", 32, 32, format="png"))
MEMORY = 512 * 2**20
FOREVER = 60.0


def order(seconds: float = FOREVER, memory_bytes: int = MEMORY) -> Order:
    """Return an order for both renditions."""
    return Order(SPECS, ("thumbnail", "web"), memory_bytes, seconds)


@pytest.fixture
def child(monkeypatch):
    """Return a function that puts a script in the place of the child."""

    def replace(script: str) -> None:
        monkeypatch.setattr(parent, "CHILD", ("-c", f"import os, signal, sys, time\n{script}"))

    return replace


@pytest.fixture
def by_pillow(monkeypatch):
    """Let Pillow resample in this process."""
    resampler.cache_clear()
    monkeypatch.setitem(sys.modules, "cykooz_resizer", None)
    yield
    resampler.cache_clear()


def fate_of(picture: bytes = b"", seconds: float = FOREVER, *, conclusive: bool = True) -> PipelineError:
    """Return the error that rendering ends in."""
    with pytest.raises(PipelineError) as caught:
        render_in_child(lambda: picture, order(seconds), conclusive=conclusive)
    return caught.value


def test_a_picture_comes_out_the_same_in_a_child_process(by_pillow):
    """The renditions, the facts and the notes are those that this process would have made by Pillow, byte by byte."""
    in_child = render_in_child(jpeg, order(), conclusive=True)
    assert in_child == render(jpeg(), SPECS, wanted=("thumbnail", "web"), memory_bytes=MEMORY)


@pytest.mark.parametrize(
    ("picture", "verdict"), [(b"no picture", UnsupportedFormat), (jpeg(400, 300)[:900], Truncated)]
)
def test_a_reject_is_the_same_in_a_child_process(picture, verdict):
    """The child's verdict comes through with its class and its detail."""
    fate = fate_of(picture)
    assert type(fate) is verdict
    with pytest.raises(verdict) as here:
        render(picture, SPECS, wanted=("web",), memory_bytes=MEMORY)
    assert fate.detail == here.value.detail


def test_a_child_has_what_this_process_keeps_for_the_next_picture(child, monkeypatch):
    """It is given back before what is left is counted, and the child's C library keeps nothing."""
    done = []

    def count() -> int:
        done.append("counted")
        return 1

    monkeypatch.setattr(parent, "give_back", lambda: done.append("given back"))
    monkeypatch.setattr(parent, "resident_bytes", count)
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")
    child("sys.exit(3 if any(name.startswith('MALLOC_') for name in os.environ) else 4)")
    with pytest.raises(RuntimeError, match="status 4"):
        render_in_child(jpeg, order(), conclusive=True)
    assert done == ["given back", "counted"]


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL"])
def test_a_child_that_crashes_is_a_verdict(child, name):
    """Whatever signal the decoder dies of, the picture is rejected with its name, and this process lives."""
    child(f"os.kill(os.getpid(), signal.{name})")
    fate = fate_of()
    assert isinstance(fate, DecoderCrashed)
    assert name in fate.detail


def test_a_wheel_that_ends_the_process_is_not_loaded_for_a_suspect(tmp_path, monkeypatch):
    """What killed the worker, on a processor that it does not know, say, gives no picture a verdict: Pillow resamples."""
    (tmp_path / "cykooz_resizer.py").write_text("import os\nos.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert len(render_in_child(jpeg, order(), conclusive=True).renditions) == len(SPECS)


def test_a_child_that_crashes_before_it_has_read_the_picture_is_a_verdict_too(child):
    """A broken pipe is not an error of its own: the exit status has the verdict."""
    child("os.kill(os.getpid(), signal.SIGSEGV)")
    assert isinstance(fate_of(bytes(10_000_000)), DecoderCrashed)


def test_a_child_that_the_system_kills_has_taken_all_memory(child):
    """Within its budget, only the kernel's out-of-memory killer sends it SIGKILL."""
    child("os.kill(os.getpid(), signal.SIGKILL)")
    assert isinstance(fate_of(), DecoderOutOfMemory)


def test_a_child_that_hangs_is_ended_when_its_time_is_over(child):
    """The parent kills it at the end of its budget, and does not wait for it to end by itself."""
    child("sys.stdin.buffer.read(); time.sleep(1000)")
    with ThreadPoolExecutor(1) as pool:
        fate = pool.submit(fate_of, seconds=0.3)
        assert eventually(fate.done)
    assert isinstance(fate.result(), DecoderTimeout)


def test_a_child_that_does_not_read_its_picture_is_ended_too(child):
    """A picture that the child does not read fills the pipe; the time limit applies all the same."""
    child("time.sleep(1000)")
    assert isinstance(fate_of(bytes(10_000_000), seconds=0.3), DecoderTimeout)


def test_a_child_that_uses_up_its_processor_time_is_a_timeout(child):
    """The limit that the child sets itself, for when no parent is left to end it, is the same verdict."""
    child("os.kill(os.getpid(), signal.SIGXCPU)")
    assert isinstance(fate_of(), DecoderTimeout)


def test_too_little_time_is_no_verdict(child):
    """Where running out of time is not conclusive, the outcome is a retry."""
    child("time.sleep(1000)")
    assert isinstance(fate_of(seconds=0.2, conclusive=False), OutOfTime)


def test_a_child_that_fails_is_a_bug_and_no_verdict(child):
    """An exit status above 0 is an error of the worker: neither the picture nor the time is the cause."""
    child("sys.exit(3)")
    with pytest.raises(RuntimeError, match="status 3"):
        render_in_child(jpeg, order(), conclusive=True)


def test_the_child_has_no_credentials(child, monkeypatch):
    """A hijacked decoder finds nothing of AWS in its environment."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    child("sys.exit(any(name.startswith('AWS_') for name in os.environ))")
    with pytest.raises(ValueError, match="Expecting value"):  # Status 0, and an empty answer.
        render_in_child(jpeg, order(), conclusive=True)


def test_a_picture_that_cannot_be_downloaded_starts_no_child(monkeypatch):
    """The download's own error is the outcome."""
    monkeypatch.setattr(subprocess, "Popen", None)

    def read() -> bytes:
        raise TooLarge("as good as any")

    with pytest.raises(TooLarge):
        render_in_child(read, order(), conclusive=True)


def test_no_child_is_left(child, monkeypatch):
    """A child that is killed at the end of its budget has ended, and its parent has waited for it."""
    started = []

    class Recorded(subprocess.Popen):
        def __init__(self, *arguments, **options) -> None:
            super().__init__(*arguments, **options)
            started.append(self.pid)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    child("time.sleep(1000)")
    assert isinstance(fate_of(seconds=0.2, conclusive=False), OutOfTime)
    (pid,) = started
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
