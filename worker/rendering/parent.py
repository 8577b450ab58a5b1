"""The parent: starts a child for one picture, waits within the budget, and turns the end of the child into a verdict."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import DecoderCrashed, DecoderOutOfMemory, DecoderTimeout, OutOfTime, Reject
from worker.process.memory import give_back, resident_bytes
from worker.rendering.wire import load_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.contracts.errors import PipelineError
    from worker.images import Rendered
    from worker.rendering.wire import Order

CHILD: Final = ("-m", "worker.rendering.child")
_ROOT: Final = Path(__file__).resolve().parents[2]


def render_in_child(read: Callable[[], bytes], order: Order, *, conclusive: bool) -> Rendered:
    """Carry out `order` on the picture that `read` returns, in a process of its own.

    `conclusive` says whether running out of `order.seconds` is a verdict, or only means too little time this time.

    Raises:
        Reject: The child's verdict, or one over its end: `DecoderCrashed`, `DecoderOutOfMemory`, `DecoderTimeout`.
        OutOfTime: It was not finished in a time that proves nothing.
    """
    until = time.monotonic() + order.seconds
    give_back()
    order = replace(order, taken_bytes=resident_bytes())
    picture = read()
    child = subprocess.Popen(
        [sys.executable, *CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
    )
    with child:
        overrun = threading.Event()
        timer = threading.Timer(max(0.0, until - time.monotonic()), _end, (child, overrun))
        timer.start()
        try:
            _feed(child, order, picture)
            del picture  # The child has it now, and both processes count.
            assert child.stdout is not None
            answer = child.stdout.read()
            status = child.wait()
        finally:
            timer.cancel()
            child.kill()
    if status:
        raise _verdict(status, order.seconds, conclusive=conclusive, overrun=overrun.is_set())
    outcome = load_answer(answer)
    if isinstance(outcome, Reject):
        raise outcome
    return outcome


def _environment() -> dict[str, str]:
    """Return this process's environment without AWS's variables: a hijacked decoder finds no credentials.

    And without those of the C library: the child has no next picture to keep memory for.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MALLOC_"))}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}


def _end(child: subprocess.Popen[bytes], overrun: threading.Event) -> None:
    overrun.set()
    child.kill()


def _feed(child: subprocess.Popen[bytes], order: Order, picture: bytes) -> None:
    """Send the order; if the child has ended already, its exit status says why."""
    assert child.stdin is not None
    try:
        with child.stdin:
            child.stdin.write(order.to_line())
            child.stdin.write(picture)
    except BrokenPipeError:
        pass


def _verdict(status: int, seconds: float, *, conclusive: bool, overrun: bool) -> PipelineError | RuntimeError:
    if overrun or status == -signal.SIGXCPU:
        if conclusive:
            return DecoderTimeout(
                f"The picture was not rendered within {seconds:.0f} s. Upload a smaller or simpler one,"
                " or set worker.timeout to more."
            )
        return OutOfTime(f"Not rendered in the {seconds:.1f} s that were left for it; the next attempt has more.")
    if status == -signal.SIGKILL:
        return DecoderOutOfMemory("The system ended the decoder, which had taken all memory. Upload a smaller picture.")
    if status < 0:
        return DecoderCrashed(
            f"The picture ends its decoder ({signal.Signals(-status).name}). Open it, save it anew and upload it again."
        )
    return RuntimeError(f"the child for a suspect ended with status {status}; its traceback is in the log")
