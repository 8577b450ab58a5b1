"""The limits of a picture: the worker's memory, and for animations a number of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.contracts.errors import TooLarge
from worker.contracts.function.memory import MEBIBYTE, needed_to_read
from worker.images.admission.estimate import estimate
from worker.images.planning.fit import area

if TYPE_CHECKING:
    from worker.images.planning.plan import Plan

MAX_ANIMATION_PIXELS: Final = 500_000_000
"""Pixels of all frames of an animation together. No function has the time to encode more."""
MAX_MEMORY: Final = 10_240
"""The most that Lambda offers, in MB (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""

_STEP: Final = 64
"""MB; the advised `worker.memory` is a multiple of it."""


def admit_file(file_bytes: int, memory_bytes: int) -> None:
    """Admit a file to be read if it fits into memory twice.

    Raises:
        TooLarge: It does not fit.
    """
    needed = needed_to_read(file_bytes)
    if needed > memory_bytes:
        raise TooLarge(
            f"The file has {file_bytes:,} bytes; to read it takes about {needed // MEBIBYTE} MB, the worker has "
            f"{memory_bytes // MEBIBYTE} MB; {_advice(needed)} a smaller file."
        )


def admit(plan: Plan, file_bytes: int, memory_bytes: int) -> int:
    """Admit a picture if its estimate is within `memory_bytes` and its animation within `MAX_ANIMATION_PIXELS`.

    Returns:
        The estimate, in bytes.

    Raises:
        TooLarge: It is not; the detail names the estimate, the limit and the `worker.memory` that would be enough.
    """
    header = plan.header
    pixels = header.frames * area(header.size)
    if pixels > MAX_ANIMATION_PIXELS and plan.animated:
        raise TooLarge(
            f"The animation has {header.frames:,} frames, {pixels:,} pixels in all; "
            f"at most {MAX_ANIMATION_PIXELS:,} are taken. "
            "Upload a shorter or smaller one, or make its renditions still (animated: false)."
        )
    needed = estimate(plan, file_bytes)
    if needed > memory_bytes:
        raise TooLarge(
            f"The {header.format} of {header.width} x {header.height} pixels needs about {needed // MEBIBYTE} MB, "
            f"the worker has {memory_bytes // MEBIBYTE} MB; {_advice(needed)} a smaller picture."
        )
    return needed


def _advice(needed: int) -> str:
    setting = -(-needed // (_STEP * MEBIBYTE)) * _STEP
    return f"set worker.memory to {setting} (MB) or upload" if setting <= MAX_MEMORY else "upload"
