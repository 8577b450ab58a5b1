"""The child: `python -m worker.rendering.child`, one order on standard input, one answer on standard output.

Never imports botocore: it has no credentials and needs none. Limits itself before it reads the picture.
"""

from __future__ import annotations

import math
import os
import resource
import sys
from typing import TYPE_CHECKING

from worker.contracts.errors import DecoderOutOfMemory, Reject
from worker.images import Rendered, leave_to_pillow, render
from worker.process.memory import status_bytes
from worker.rendering.wire import Order, dump_answer

if TYPE_CHECKING:
    from typing import BinaryIO


def main() -> int:
    """Carry out the order on standard input; always 0, because a verdict is an answer too."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints must not get into the answer.
    order = Order.from_line(sys.stdin.buffer.readline())
    limit(order)
    leave_to_pillow()  # It may be what ended the worker.
    answer.write(dump_answer(carry_out(order, sys.stdin.buffer)))
    answer.close()
    return 0


def limit(order: Order) -> None:
    """Take no more memory than the parent leaves, and no more processor time than it would wait.

    RLIMIT_DATA and not RLIMIT_AS: it counts what can be written to, and not the address space that threads reserve
    (https://man7.org/linux/man-pages/man2/getrlimit.2.html). Of what this process has, only what is not a file's is its
    own: libraries are in memory once. Where /proc is missing, the time alone is limited.
    """
    _lower(resource.RLIMIT_CPU, math.ceil(order.seconds) + 1)
    data, own = status_bytes("VmData"), status_bytes("RssAnon")
    if data is not None and own is not None:
        _lower(resource.RLIMIT_DATA, data + max(0, order.memory_bytes - order.taken_bytes - own))


def carry_out(order: Order, picture: BinaryIO) -> Rendered | Reject:
    """Render the picture; an exhausted memory becomes a verdict of its own."""
    try:
        data = picture.read()
        return render(data, order.specs, wanted=order.wanted, memory_bytes=order.memory_bytes)
    except MemoryError as exc:
        return _out_of_memory(order, exc)
    except Reject as exc:
        return _out_of_memory(order, exc.__cause__) if isinstance(exc.__cause__, MemoryError) else exc


def _out_of_memory(order: Order, exc: BaseException) -> DecoderOutOfMemory:
    return DecoderOutOfMemory(
        f"The picture took more than the {order.memory_bytes // 2**20} MB that the worker has, although its header"
        f" promised less ({type(exc).__name__}). Save it anew and upload it again."
    )


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    highest = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (highest, highest))


if __name__ == "__main__":
    sys.exit(main())
