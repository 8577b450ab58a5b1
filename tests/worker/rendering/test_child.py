from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.worker.images.pictures.small import jpeg
from worker.contracts.errors import DecoderOutOfMemory, TooLarge
from worker.contracts.recipe import RenditionSpec
from worker.images import Rendered
from worker.rendering import child
from worker.rendering.wire import Order, load_answer

ORDER = Order((RenditionSpec("thumbnail", 16, 16),), ("thumbnail",), 512 * 2**20, 60.0, taken_bytes=64 * 2**20)
LIMITED = """
import sys
from worker.rendering.child import limit
from worker.rendering.wire import Order
limit(Order.from_line(sys.stdin.buffer.readline()))
{}
"""


def run(arguments: list[str], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run a Python of our own to its end."""
    return subprocess.run([sys.executable, *arguments], input=stdin, capture_output=True, check=False, timeout=60)


def test_the_child_answers_on_its_standard_output():
    """One order in, one answer out, and exit status 0."""
    done = run(["-m", "worker.rendering.child"], ORDER.to_line() + jpeg())
    answer = load_answer(done.stdout)
    assert done.returncode == 0
    assert isinstance(answer, Rendered)
    assert [(rendition.name, rendition.width) for rendition in answer.renditions] == [("thumbnail", 16)]


def test_the_child_does_not_know_aws():
    """It is started for every suspect: what it does not need, it does not import."""
    script = "import sys, worker.rendering.child; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert run(["-c", script], b"").returncode == 0


def test_memory_is_limited_to_what_the_parent_leaves():
    """Both together stay within the function's: more is refused as MemoryError before the system would have to kill."""
    done = run(["-c", LIMITED.format("bytearray(448 * 2**20)")], ORDER.to_line())
    assert b"MemoryError" in done.stderr


def test_what_admission_reckons_with_can_be_had():
    """The limit is not so tight that a picture which was let in fails for it."""
    done = run(["-c", LIMITED.format("bytearray(420 * 2**20)")], ORDER.to_line())
    assert (done.returncode, done.stderr) == (0, b"")


def test_processor_time_is_limited():
    """A child whose parent was killed ends."""
    done = run(["-c", LIMITED.format("while True: pass")], replace(ORDER, seconds=0.1).to_line())
    assert done.returncode < 0


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_exhausted_memory_is_a_verdict_of_its_own(monkeypatch, wrapped):
    """Wherever the MemoryError came from: the header promised less than the picture took."""

    def exhaust(*_: object, **__: object) -> None:
        if not wrapped:
            raise MemoryError
        raise TooLarge("needs more memory") from MemoryError()

    monkeypatch.setattr(child, "render", exhaust)
    assert isinstance(child.carry_out(ORDER, io.BytesIO(b"")), DecoderOutOfMemory)


def test_a_reject_is_an_answer():
    """What the header says is too large stays too large."""
    tight = replace(ORDER, memory_bytes=91 * 2**20)
    assert isinstance(child.carry_out(tight, io.BytesIO(jpeg(8000, 6000))), TooLarge)
