"""Whether a picture is let in: it has to fit into the function's memory, and an animation into its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.errors import TooLarge
from worker.images.admission.estimate import BASE, MEBIBYTE, estimate
from worker.images.planning.fit import area

if TYPE_CHECKING:
    from worker.images.planning.plan import Plan

MAX_FILM: Final = 500_000_000
"""Pixels of all frames of an animation together: beyond, no function has the time to encode them."""
MAX_MEMORY: Final = 10_240
"""The most that Lambda gives, in MB (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""

_STEP: Final = 64


def admit_file(file_bytes: int, memory_bytes: int) -> None:
    """Let a file be read when it fits twice: readers copy what decoding needs, before there is a header to judge.

    Raises:
        TooLarge: It does not.
    """
    needed = BASE + 2 * file_bytes
    if needed > memory_bytes:
        raise TooLarge(
            f"The file has {file_bytes:,} bytes; to read it takes about {needed // MEBIBYTE} MB, the worker has "
            f"{memory_bytes // MEBIBYTE} MB; {_advice(needed)} a smaller file."
        )


def admit(plan: Plan, file_bytes: int, memory_bytes: int) -> None:
    """Let the picture pass when its estimate is within `memory_bytes`.

    Raises:
        TooLarge: It is not; the detail names the estimate, the limit and the `workerMemory` that would do.
    """
    header = plan.header
    film = header.frames * area(header.size)
    if film > MAX_FILM and plan.animated:
        raise TooLarge(
            f"The animation has {header.frames:,} frames, {film:,} pixels in all; at most {MAX_FILM:,} are taken. "
            "Upload a shorter or smaller one, or make its renditions still (animated: false)."
        )
    needed = estimate(plan, file_bytes)
    if needed > memory_bytes:
        raise TooLarge(
            f"The {header.format} of {header.width} x {header.height} pixels needs about {needed // MEBIBYTE} MB, "
            f"the worker has {memory_bytes // MEBIBYTE} MB; {_advice(needed)} a smaller picture."
        )


def _advice(needed: int) -> str:
    setting = -(-needed // (_STEP * MEBIBYTE)) * _STEP
    return f"set workerMemory to {setting} (MB) or upload" if setting <= MAX_MEMORY else "upload"
