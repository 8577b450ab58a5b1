"""PNG and APNG, byte by byte (https://www.w3.org/TR/png-3/): what no encoder at hand writes is drawn, too."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from hypothesis import strategies as st

from tests.worker.images.pictures.factories import chunk, exif
from tests.worker.images.pictures.oracle.drawing.drawn import Drawn, boxes, samples, sizes
from tests.worker.images.pictures.profiles import grey_profile, rgb_profile

if TYPE_CHECKING:
    from collections.abc import Callable

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS: Final = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
DEPTHS: Final = {GREY: (8, 1, 2, 4, 16), RGB: (8, 16), PALETTE: (8, 1, 2, 4), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
NAMES: Final = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey alpha", RGBA: "rgba"}
PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
DISPOSALS: Final = ("dispose none", "dispose background", "dispose previous")
BLENDS: Final = ("source", "over")
PLAYS: Final = (0, 1, 2, 7, 65_535, 65_536, 100_000, 2**31 - 1)
DELAYS: Final = ((1, 10), (0, 100), (1, 100), (1, 1000), (7, 0), (1, 3), (65_535, 1000), (30, 1), (65_535, 1))


@dataclass(frozen=True)
class Layout:
    """Of all pixels of a file: color type, depth, whether interlaced; and the chunks of its colours."""

    kind: int
    depth: int
    interlaced: bool
    colours: tuple[bytes, ...]
    top: int
    features: frozenset[str]

    def header(self, size: tuple[int, int]) -> bytes:
        """Return the signature and IHDR."""
        head = struct.pack(">IIBBBBB", *size, self.depth, self.kind, 0, 0, int(self.interlaced))
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)

    def compressed(self, values: np.ndarray) -> bytes:
        """Return the pixels, unfiltered, as they are in IDAT."""
        parts = [values[y::dy, x::dx] for x, y, dx, dy in PASSES] if self.interlaced else [values]
        return zlib.compress(b"".join(self._rows(part) for part in parts if part.size))

    def _rows(self, values: np.ndarray) -> bytes:
        flat = np.ascontiguousarray(values).reshape(values.shape[0], -1)
        if self.depth >= 8:
            packed = flat.astype(f">u{self.depth // 8}", order="C").view(np.uint8)
        else:
            bits = (flat[..., None] >> np.arange(self.depth - 1, -1, -1)) & 1
            packed = np.packbits(bits.reshape(flat.shape[0], -1).astype(np.uint8), axis=1)
        return np.pad(packed.reshape(flat.shape[0], -1), ((0, 0), (1, 0))).tobytes()

    def pixels(self, size: tuple[int, int]) -> st.SearchStrategy[np.ndarray]:
        """Return strategies of pixels of this layout."""
        return samples((size[1], size[0], CHANNELS[self.kind]), self.top)


@st.composite
def layouts(draw: Callable) -> Layout:
    """Draw a layout of any color type and depth, with or without transparent colours."""
    kind = draw(st.sampled_from((RGB, *CHANNELS)))
    depth = draw(st.sampled_from(DEPTHS[kind]))
    interlaced = draw(st.booleans())
    transparent = kind in (GREY, RGB, PALETTE) and draw(st.booleans())
    top, colours = (1 << depth) - 1, []
    features = {NAMES[kind], f"{depth} bits", *(["interlaced"] if interlaced else [])}
    if kind == PALETTE:
        number = draw(st.integers(1, 1 << depth))
        colours.append(chunk(b"PLTE", draw(st.binary(min_size=3 * number, max_size=3 * number))))
        beyond = draw(st.integers(0, 19)) == 0 and number <= top
        top = top if beyond else number - 1
        features |= {"index beyond palette"} if beyond else set()
    if transparent:
        features.add("tRNS")
        if kind == PALETTE:
            colours.append(
                chunk(
                    b"tRNS",
                    draw(st.binary(min_size=1, max_size=top + 1 if "index beyond palette" not in features else 1)),
                )
            )
        else:
            values = draw(st.lists(st.integers(0, top), min_size=CHANNELS[kind], max_size=CHANNELS[kind]))
            colours.append(chunk(b"tRNS", struct.pack(f">{len(values)}H", *values)))
    return Layout(kind, depth, interlaced, tuple(colours), top, frozenset(features))


@st.composite
def stills(draw: Callable) -> Drawn:
    """Draw a PNG that does not move, with profile and orientation."""
    layout, size = draw(layouts()), draw(sizes())
    features, extra = set(layout.features), []
    profile = draw(st.sampled_from(("", "", "", "srgb", "p3", "adobe", "grey", "broken")))
    if profile:
        icc = {"grey": grey_profile(1.8), "broken": b"no profile" * 20}.get(profile) or rgb_profile(profile)
        extra.append(chunk(b"iCCP", b"x\x00\x00" + zlib.compress(icc)))
        features.add(f"ICC {profile}")
    other = draw(st.sampled_from(("", "", "", "", "", "", "", "", "gAMA", "sRGB", "cICP", "cHRM", "sBIT")))
    if other:
        features.add(other)
        extra.append(_colour_chunk(other, layout))
    orientation = draw(st.sampled_from((0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8)))
    if orientation:
        features.add(f"orientation {orientation}")
        extra.append(chunk(b"eXIf", exif(orientation).removeprefix(b"Exif\x00\x00")))
    values = draw(layout.pixels(size))
    pixels = layout.compressed(values)
    data = layout.header(size) + b"".join((*extra, *layout.colours)) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return Drawn("PNG", "image/png", data, frozenset(features), rough=bool(profile))


def _colour_chunk(name: str, layout: Layout) -> bytes:
    bodies = {
        "gAMA": struct.pack(">I", 100_000),
        "sRGB": b"\x00",
        "cICP": bytes((9, 16, 0, 1)),
        "cHRM": struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
        "sBIT": bytes(
            [min(5, layout.depth) if layout.kind != PALETTE else 5]
            * (3 if layout.kind == PALETTE else CHANNELS[layout.kind])
        ),
    }
    return chunk(name.encode(), bodies[name])


@st.composite
def films(draw: Callable) -> Drawn:
    """Draw an APNG: any layout, with or without a default image; frames of any place, disposal, blending and delay."""
    layout, size = draw(layouts()), draw(sizes(24))
    features = set(layout.features)
    number = draw(st.integers(1, 5))
    separate = draw(st.booleans())
    plays = draw(st.sampled_from(PLAYS))
    features |= {f"plays {plays}", *(["default image"] if separate else [])}
    head, end = layout.header(size), chunk(b"IEND", b"")
    parts = list(layout.colours)
    if separate:
        parts.append(chunk(b"IDAT", layout.compressed(draw(layout.pixels(size)))))
    default = head + b"".join(parts) + end if separate else b""
    parts.insert(0, chunk(b"acTL", struct.pack(">II", number, plays)))
    sequence = 0
    for index in range(number):
        first = index == 0 and not separate
        box = (0, 0, *size) if first else draw(boxes(size))
        disposal, blend = draw(st.integers(0, 2)), draw(st.integers(0, 1))
        delay = draw(st.sampled_from(DELAYS))
        features |= {
            DISPOSALS[disposal],
            BLENDS[blend],
            "delay {}/{}".format(*delay),
            *(["offset"] if box[:2] != (0, 0) else []),
        }
        control = struct.pack(">5I2H2B", sequence, box[2], box[3], box[0], box[1], *delay, disposal, blend)
        parts.append(chunk(b"fcTL", control))
        sequence += 1
        pixels = layout.compressed(draw(layout.pixels(box[2:])))
        pieces = [pixels[: len(pixels) // 2], pixels[len(pixels) // 2 :]] if draw(st.booleans()) else [pixels]
        for piece in pieces:
            parts.append(chunk(b"IDAT", piece) if first else chunk(b"fdAT", struct.pack(">I", sequence) + piece))
            sequence += not first
    features.add("one frame" if number == 1 else "frames")
    return Drawn("APNG", "image/png", head + b"".join(parts) + end, frozenset(features), default=default)
