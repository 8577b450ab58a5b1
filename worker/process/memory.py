"""The memory that the process has now, and its peak, as the system counts it."""

from __future__ import annotations

import ctypes
import re
import resource
import sys
from pathlib import Path
from typing import Final

from worker.contracts.function.memory import BASE

_STATUS: Final = Path("/proc/self/status")
_KEPT: Final = 3 / 4
"""Of the memory, at most: what is free counts in it, while it is kept for the next picture."""
_KILOBYTE: Final = 1 if sys.platform == "darwin" else 1024
"""The unit of `ru_maxrss`, in bytes (https://man7.org/linux/man-pages/man2/getrusage.2.html)."""


def peak_bytes() -> int:
    """Return the larger of two peaks: this process's, and that of the largest child that has ended.

    Not their sum: a child's peak starts with what its parent had when it started the child. And not `ru_maxrss` of this
    process where there is /proc: it starts with what its own parent had.
    """
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _KILOBYTE
    return max(_own_peak(), child)


def resident_bytes() -> int:
    """Return what this process has now; its peak where /proc is missing."""
    return status_bytes("VmRSS") or _own_peak()


def make_room(needed: int, memory_bytes: int) -> None:
    """Give back what is free, unless what is to come stays below three quarters of `memory_bytes` beside it.

    `needed` is of the whole process, as admission has it: `BASE` of it is there already. The C library keeps what was freed (`PROCESS_VARIABLES` in `worker.contracts.function.settings`), and most of it is used again. What
    is to come may all be new at worst.
    """
    if resident_bytes() + needed - BASE > _KEPT * memory_bytes:
        give_back()


def give_back() -> None:
    """Give free memory back to the system, wherever in the heap it is; nothing where the C library is not glibc.

    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def status_bytes(field: str) -> int | None:
    """Return a field of /proc/self/status, None where there is none (https://man7.org/linux/man-pages/man5/proc.5.html)."""
    found = re.search(rf"^{field}:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE) if _STATUS.exists() else None
    return int(found[1]) * 1024 if found else None


def _own_peak() -> int:
    return status_bytes("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE
