"""GIF, byte by byte (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np
from hypothesis import strategies as st

from tests.worker.images.pictures.factories import gif_loop
from tests.worker.images.pictures.oracle.drawing.drawn import Drawn, boxes, samples, sizes

if TYPE_CHECKING:
    from collections.abc import Callable

DELAYS: Final = (10, 0, 1, 2, 3, 100, 65_535)
LOOPS: Final = (None, None, 0, 1, 2, 65_534, 65_535)
ROWS: Final = ((0, 8), (4, 8), (2, 4), (1, 2))
COMMENT: Final = b"!\xfe\x05hello\x00"


def pixels(indices: np.ndarray, bits: int) -> bytes:
    """Return indices below 2 ** `bits` as LZW that clears its table before it grows: every code has `bits` + 1 bits."""
    clear, width = 1 << bits, bits + 1
    flat = indices.ravel().tolist()
    step = max(1, clear - 2)
    codes: list[int] = []
    for at in range(0, len(flat), step):
        codes += [clear, *flat[at : at + step]]
    codes.append(clear + 1)
    number = np.array(codes)[:, None] >> np.arange(width) & 1
    data = np.packbits(number.ravel().astype(np.uint8), bitorder="little").tobytes()
    blocks = b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255))
    return bytes([bits]) + blocks + b"\x00"


@st.composite
def palettes(draw: Callable) -> tuple[int, bytes]:
    """Draw a palette and its number of bits."""
    bits = draw(st.integers(1, 8))
    colours = draw(st.sampled_from(("any", "grey ramp")))
    if colours == "grey ramp":
        return bits, bytes(value for index in range(1 << bits) for value in [index * 255 // ((1 << bits) - 1)] * 3)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return bits, rng.integers(0, 256, 3 << bits, dtype=np.uint8).tobytes()


@st.composite
def frames(
    draw: Callable, size: tuple[int, int], shared: tuple[int, bytes] | None, *, lone: bool
) -> tuple[bytes, set[str]]:
    """Draw a frame, and say what it has."""
    features = set()
    whole = lone or draw(st.booleans())
    box = (0, 0, *size) if whole else draw(boxes(size, beyond=draw(st.sampled_from((0, 0, 0, 3)))))
    if box[0] + box[2] > size[0] or box[1] + box[3] > size[1]:
        features.add("beyond canvas")
    if not whole:
        features.add("part")
    local = draw(palettes()) if shared is None or draw(st.integers(0, 2)) == 0 else None
    bits = (local or shared or (1, b""))[0]
    features |= {"local palette"} if local else set()
    stored = max(2, bits)
    beyond = draw(st.integers(0, 29)) == 0 and bits < 8
    if beyond:
        stored = bits + 1
        features.add("index beyond palette")
    top = (1 << stored) - 1 if beyond else (1 << bits) - 1
    indices = draw(samples((box[3], box[2]), top))
    interlaced = draw(st.booleans())
    if interlaced:
        indices = np.concatenate([indices[start::step] for start, step in ROWS])
        features.add("interlaced")
    parts = []
    if draw(st.integers(0, 7)):
        disposal, delay = draw(st.sampled_from((0, 1, 2, 3, 1, 2, 3, 4, 7))), draw(st.sampled_from(DELAYS))
        transparent = draw(st.one_of(st.none(), st.integers(0, (1 << bits) - 1), st.sampled_from((0, 255))))
        flags = disposal << 2 | (transparent is not None)
        parts.append(b"!\xf9\x04" + struct.pack("<BHBB", flags, delay, transparent or 0, 0))
        features |= {f"disposal {disposal}", f"delay {delay}", *([] if transparent is None else ["transparent"])}
    else:
        features.add("no control")
    flags = (0x80 | bits - 1 if local else 0) | 0x40 * interlaced
    parts += [b",", struct.pack("<4HB", *box, flags), local[1] if local else b"", pixels(indices, stored)]
    return b"".join(parts), features


@st.composite
def files(draw: Callable) -> Drawn:
    """Draw a GIF of one to five frames, of any place, palette, disposal, transparency and delay."""
    size = draw(sizes(24))
    shared = draw(st.one_of(palettes(), palettes(), st.none()))
    number = draw(st.sampled_from((1, 2, 3, 3, 4, 5)))
    features = {"global palette"} if shared else set()
    flags = 0x80 | 0x70 | shared[0] - 1 if shared else 0x70
    background = draw(st.sampled_from((0, 1, 255)))
    version = draw(st.sampled_from((b"GIF89a", b"GIF89a", b"GIF87a")))
    parts = [version + struct.pack("<HHBBB", *size, flags, background, 0), shared[1] if shared else b""]
    loop = draw(st.sampled_from(LOOPS))
    if loop is not None:
        parts.append(gif_loop(loop))
        features.add(f"loop {loop}")
    for _ in range(number):
        part, has = draw(frames(size, shared, lone=number == 1 and draw(st.booleans())))
        if draw(st.integers(0, 9)) == 0:
            parts.append(COMMENT)
        parts.append(part)
        features |= has
    ending = draw(st.sampled_from((*["trailer"] * 18, "no trailer", "zeros before trailer")))
    parts.append({"trailer": b";", "no trailer": b"", "zeros before trailer": bytes(3) + b";"}[ending])
    features |= {ending} - {"trailer"} | {"one frame" if number == 1 else "frames"}
    kind = "GIF" if number == 1 else "GIF animation"
    return Drawn(kind, "image/gif", b"".join(parts), frozenset(features))
