"""Whether a picture fits into the function's memory, decided from its header."""

from __future__ import annotations

from worker.images.fit import Target
from worker.images.header import Header


def admit(header: Header, targets: list[Target], file_bytes: int, memory_bytes: int) -> None:
    """Raise `TooLarge` when the picture would not fit."""
