"""BMP, byte by byte (https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from hypothesis import strategies as st

from tests.worker.images.pictures.oracle.drawing.drawn import Drawn, samples, sizes

if TYPE_CHECKING:
    from collections.abc import Callable

OS2, INFO, V4, V5 = 12, 40, 108, 124
PLAIN, RLE8, RLE4, BITFIELDS = 0, 1, 2, 3


@dataclass(frozen=True)
class Layout:
    """How pixels are stored: bits of a pixel, compression, and for bit fields the masks of red, green, blue, alpha."""

    name: str
    bits: int
    compression: int = PLAIN
    masks: tuple[int, ...] = ()
    headers: tuple[int, ...] = (INFO, V4, V5)


LAYOUTS: Final = (
    Layout("24 bits", 24, headers=(INFO, OS2, V4, V5)),
    Layout("1 bit", 1, headers=(INFO, OS2, V4)),
    Layout("4 bits", 4, headers=(INFO, OS2, V4)),
    Layout("8 bits", 8, headers=(INFO, OS2, V4)),
    Layout("16 bits", 16),
    Layout("32 bits", 32),
    Layout("555", 16, BITFIELDS, (0x7C00, 0x3E0, 0x1F)),
    Layout("565", 16, BITFIELDS, (0xF800, 0x7E0, 0x1F)),
    Layout("1555", 16, BITFIELDS, (0x7C00, 0x3E0, 0x1F, 0x8000), (V4, V5)),
    Layout("4444", 16, BITFIELDS, (0xF00, 0xF0, 0xF, 0xF000), (V4, V5)),
    Layout("888", 32, BITFIELDS, (0xFF0000, 0xFF00, 0xFF)),
    Layout("8888", 32, BITFIELDS, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (V4, V5)),
    Layout("8888 red last", 32, BITFIELDS, (0xFF, 0xFF00, 0xFF0000, 0xFF000000), (V4, V5)),
    Layout("888 red first", 32, BITFIELDS, (0xFF000000, 0xFF0000, 0xFF00)),
    Layout("RLE8", 8, RLE8, headers=(INFO, V4)),
    Layout("RLE4", 4, RLE4, headers=(INFO, V4)),
)


@st.composite
def files(draw: Callable) -> Drawn:
    """Draw a BMP of any layout and header, from the bottom up or from the top down."""
    layout = draw(st.sampled_from(LAYOUTS))
    version = draw(st.sampled_from(layout.headers))
    width, height = draw(sizes())
    down = version != OS2 and layout.compression not in (RLE8, RLE4) and draw(st.booleans())
    features = {layout.name, f"header {version}", *(["top down"] if down else [])}
    features |= {"bit fields"} if layout.compression == BITFIELDS else set()
    colours, palette = 0, b""
    if layout.bits <= 8:
        colours = draw(st.one_of(st.just(1 << layout.bits), st.integers(1, 1 << layout.bits)))
        if version == OS2:
            colours = 1 << layout.bits
        features |= {"short palette"} if colours < 1 << layout.bits else set()
        entry = 3 if version == OS2 else 4
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        palette = rng.integers(0, 256, (colours, entry), dtype=np.uint8).tobytes()
    values = draw(samples((height, width), colours - 1 if colours else (1 << layout.bits) - 1))
    if layout.bits == 24:
        values = draw(samples((height, 3 * width), 255))
    pixels = _pixels(values if down else values[::-1], layout, draw(st.booleans()))
    features |= {"under 12 bytes"} if len(pixels) < 12 else set()
    masks = layout.masks if layout.compression == BITFIELDS else ()
    outside = struct.pack("<3I", *masks[:3]) if masks and version == INFO else b""
    start = 14 + version + len(outside) + len(palette)
    size = (width, -height if down else height)
    head = _header(version, layout, size, len(pixels), colours, masks)
    data = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start) + head + outside + palette + pixels
    return Drawn("BMP", "image/bmp", data, frozenset(features))


def _header(
    version: int, layout: Layout, size: tuple[int, int], length: int, colours: int, masks: tuple[int, ...]
) -> bytes:
    if version == OS2:
        return struct.pack("<IHHHH", OS2, *size, 1, layout.bits)
    used = 0 if colours == 1 << layout.bits else colours
    head = struct.pack("<IiiHHIIiiII", version, *size, 1, layout.bits, layout.compression, length, 2835, 2835, used, 0)
    if version > INFO:
        head += struct.pack("<4I", *(*masks, 0, 0, 0, 0)[:4]) + b"BGRs"
    return head.ljust(version, b"\x00")


def _pixels(values: np.ndarray, layout: Layout, runs: bool) -> bytes:
    if layout.compression == RLE8:
        return b"".join(_row8(row.tolist(), runs) + b"\x00\x00" for row in values) + b"\x00\x01"
    if layout.compression == RLE4:
        return b"".join(_row4(row.tolist()) + b"\x00\x00" for row in values) + b"\x00\x01"
    if layout.bits < 8:
        bits = (values[..., None] >> np.arange(layout.bits - 1, -1, -1)) & 1
        packed = np.packbits(bits.reshape(values.shape[0], -1).astype(np.uint8), axis=1)
    elif layout.bits in (8, 24):
        packed = values.astype(np.uint8)
    else:
        packed = values.astype(f"<u{layout.bits // 8}", order="C").view(np.uint8)
    return np.pad(packed, ((0, 0), (0, -packed.shape[1] % 4))).tobytes()


def _row8(row: list[int], runs: bool) -> bytes:
    """Return a row as runs of one, or as literals in which at least three are needed."""
    if runs:
        return b"".join(bytes((1, value)) for value in row)
    out = b""
    for at in range(0, len(row), 200):
        part = bytes(row[at : at + 200])
        literal = b"\x00" + bytes([len(part)]) + part + bytes(len(part) % 2)
        out += literal if len(part) > 2 else b"".join(bytes((1, value)) for value in part)
    return out


def _row4(row: list[int]) -> bytes:
    return b"".join(
        bytes((len(pair), pair[0] << 4 | pair[-1])) for pair in (row[at : at + 2] for at in range(0, len(row), 2))
    )
