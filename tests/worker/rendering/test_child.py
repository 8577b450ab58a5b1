from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.worker.images.pictures.small import jpeg
from worker.contracts.errors import DecoderOutOfMemory, TooLarge
from worker.contracts.recipes.specs import RenditionSpec
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
    """Run a Python process and wait for its end."""
    return subprocess.run([sys.executable, *arguments], input=stdin, capture_output=True, check=False, timeout=60)


def test_the_child_answers_on_its_standard_output():
    """One order in, one answer out, and exit status 0."""
    done = run(["-m", "worker.rendering.child"], ORDER.to_line() + jpeg())
    answer = load_answer(done.stdout)
    assert done.returncode == 0
    assert isinstance(answer, Rendered)
    assert [(rendition.name, rendition.width) for rendition in answer.renditions] == [("thumbnail", 16)]


def test_the_child_imports_no_aws_library():
    """It is started for every suspect, and an import that it does not need would slow each one down."""
    script = "import sys, worker.rendering.child; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert run(["-c", script], b"").returncode == 0


def test_memory_is_limited_to_what_the_parent_leaves():
    """Parent and child stay within the function's memory: the child gets a MemoryError before the system would kill it."""
    done = run(["-c", LIMITED.format("bytearray(448 * 2**20)")], ORDER.to_line())
    assert b"MemoryError" in done.stderr


def test_the_memory_that_admission_counts_on_is_available():
    """The limit is not so low that an admitted picture fails because of it."""
    done = run(["-c", LIMITED.format("bytearray(420 * 2**20)")], ORDER.to_line())
    assert (done.returncode, done.stderr) == (0, b"")


def test_processor_time_is_limited():
    """A child whose parent was killed ends."""
    done = run(["-c", LIMITED.format("while True: pass")], replace(ORDER, seconds=0.1).to_line())
    assert done.returncode < 0


@pytest.mark.parametrize("wrapped", [True, False])
def test_running_out_of_memory_has_its_own_verdict(monkeypatch, wrapped):
    """A MemoryError means that the picture took more than its header said, whether it was wrapped or not."""

    def exhaust(*_: object, **__: object) -> None:
        if not wrapped:
            raise MemoryError
        raise TooLarge("needs more memory") from MemoryError()

    monkeypatch.setattr(child, "render", exhaust)
    assert isinstance(child.carry_out(ORDER, io.BytesIO(b"")), DecoderOutOfMemory)


def test_a_reject_is_an_answer():
    """A picture whose header says that it is too large is rejected in the child as in the worker."""
    tight = replace(ORDER, memory_bytes=91 * 2**20)
    assert isinstance(child.carry_out(tight, io.BytesIO(jpeg(8000, 6000))), TooLarge)
