"""BMP headers (https://learn.microsoft.com/windows/win32/gdi/bitmap-storage)."""

from __future__ import annotations

from typing import Final

from worker.contracts.errors import CorruptImage, Truncated
from worker.images.headers.header import Header

_OLD_HEADER: Final = 12
_RAW, _BITFIELDS = 0, 3
_RUNS: Final = frozenset({1, 2})
_MODES: Final = {1: "P", 4: "P", 8: "P", 16: "RGB", 24: "RGB", 32: "RGBA"}


def read(data: bytes) -> Header:
    """Read the header.

    Raises:
        Truncated: The file ends within the header or the rows.
        CorruptImage: No size, or a depth that BMP does not have.
    """
    kind = int.from_bytes(data[14:18], "little")
    if len(data) < 18 + max(_OLD_HEADER, min(kind, 40)) - 4:
        raise Truncated("The BMP ends within its header. Upload the whole file again.")
    wide = 2 if kind == _OLD_HEADER else 4
    width, height = (int.from_bytes(data[at : at + wide], "little", signed=wide == 4) for at in (18, 18 + wide))  # noqa: PLR2004
    bits = int.from_bytes(data[20 + 2 * wide : 22 + 2 * wide], "little")
    compression = _RAW if wide == 2 else int.from_bytes(data[30:34], "little")  # noqa: PLR2004
    if width <= 0 or not height or bits not in _MODES:
        raise CorruptImage("The BMP's header is damaged. Save the picture again and upload it.")
    height = abs(height)
    stride = (width * bits + 31) // 32 * 4
    offset = int.from_bytes(data[10:14], "little")
    if compression in (_RAW, _BITFIELDS) and offset + stride * height > len(data):
        raise Truncated("The BMP has fewer rows than its header says. Upload the whole file again.")
    if compression in _RUNS and not data.rstrip(b"\x00").endswith(b"\x01"):
        raise Truncated("The BMP has no end mark: the upload stopped early. Upload the whole file again.")
    return Header("BMP", width, height, _MODES[bits], data, buffers=3 * width * height if compression in _RUNS else 0)
