"""ISO base media boxes (ISO/IEC 14496-12, 4.2), which AVIF and HEIC are made of."""

from __future__ import annotations

from worker.errors import Truncated


def check_complete(data: bytes, name: str) -> None:
    """Walk the outermost boxes.

    Raises:
        Truncated: A box reaches beyond the file, or there is none after the first.
    """
    at = count = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        at = len(data) if size == 0 else at + max(8, size)
        count += 1
    if at > len(data) or count < 2:  # noqa: PLR2004 - `ftyp` alone is no picture.
        raise Truncated(f"The {name} ends before its picture does. Upload the whole file again.")
