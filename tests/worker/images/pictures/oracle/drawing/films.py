"""Animated WebP, its frames placed by hand (https://developers.google.com/speed/webp/docs/riff_container), and AVIF."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Final

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from tests.worker.images.pictures.factories import encode, exif, riff
from tests.worker.images.pictures.oracle.drawing.drawn import Drawn, boxes, samples, sizes
from tests.worker.images.pictures.profiles import rgb_profile
from worker.images.containers.repetition import write_plays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLAYS: Final = (0, 1, 2, 7, 65_535)
DELAYS: Final = (100, 0, 1, 10, 11, 40, 5_000, 16_777_215)


@st.composite
def pictures(draw: Callable, size: tuple[int, int], mode: str) -> Image.Image:
    """Draw a picture of a mode: L, RGB or RGBA, or CMYK."""
    channels = Image.getmodebands(mode)
    shape = (size[1], size[0], channels) if channels > 1 else (size[1], size[0])
    return Image.fromarray(draw(samples(shape, 255)).astype(np.uint8), mode if mode == "CMYK" else None)


@st.composite
def webp(draw: Callable) -> Drawn:
    """Draw an animated WebP: frames of any place, disposal, blending and duration."""
    size = draw(sizes(24))
    number = draw(st.integers(1, 5))
    plays = draw(st.sampled_from(PLAYS))
    lossy = draw(st.integers(0, 3)) == 0
    clear = draw(st.booleans())
    features = {f"plays {plays}", "lossy" if lossy else "lossless", *(["alpha"] if clear else [])}
    parts = []
    for _ in range(number):
        box = draw(st.one_of(st.just((0, 0, *size)), boxes(size)))
        left, top = box[0] // 2 * 2, box[1] // 2 * 2
        background, over, delay = draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from(DELAYS))
        picture = draw(pictures(box[2:], "RGBA" if clear and draw(st.integers(0, 3)) else "RGB"))
        still = encode(picture, "WEBP", lossless=not lossy, exact=True, quality=80)
        facts = b"".join(value.to_bytes(3, "little") for value in (left // 2, top // 2, box[2] - 1, box[3] - 1, delay))
        flags = (not over) << 1 | background
        parts.append((b"ANMF", facts + bytes([flags]) + b"".join(_bitstream(still))))
        features |= {"over" if over else "source", f"delay {delay}", *(["offset"] if left or top else [])}
        features |= {"dispose background"} if background else set()
    features.add("one frame" if number == 1 else "frames")
    profile = draw(st.sampled_from((None, None, None, "srgb", "p3")))
    orientation = draw(st.sampled_from((0, 0, 0, 0, 0, 6, 3)))
    flags = 0x02 | 0x10 * clear | 0x20 * bool(profile) | 0x08 * bool(orientation)
    edges = (size[0] - 1).to_bytes(3, "little") + (size[1] - 1).to_bytes(3, "little")
    chunks = [(b"VP8X", bytes((flags, 0, 0, 0)) + edges)]
    if profile:
        chunks.append((b"ICCP", rgb_profile(profile)))
        features.add(f"ICC {profile}")
    chunks += [
        (b"ANIM", draw(st.sampled_from((b"\x00" * 4, b"\xff" * 4, b"\x00\x00\xff\xff"))) + struct.pack("<H", plays)),
        *parts,
    ]
    if orientation:
        chunks.append((b"EXIF", exif(orientation)))
        features.add(f"orientation {orientation}")
    return Drawn("WebP animation", "image/webp", riff(*chunks), frozenset(features), rough=lossy or bool(profile))


def _bitstream(data: bytes) -> Iterator[bytes]:
    """Yield the chunks of a still WebP that an animation's frame has."""
    at = 12
    while at < len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if name in (b"ALPH", b"VP8 ", b"VP8L"):
            yield data[at:end]
        at = end


@st.composite
def avif(draw: Callable) -> Drawn:
    """Draw an AVIF animation: durations, plays, alpha, subsampling."""
    size = draw(sizes(24))
    number, mode = draw(st.integers(2, 4)), draw(st.sampled_from(("RGB", "RGBA")))
    plays, subsampling = draw(st.sampled_from(PLAYS)), draw(st.sampled_from(("4:4:4", "4:2:0", "4:2:2")))
    durations = [draw(st.sampled_from((100, 1, 10, 11, 40, 5_000))) for _ in range(number)]
    spread = draw(st.sampled_from(("limited", "limited", "full")))
    first, *others = (draw(pictures(size, mode)) for _ in range(number))
    out = io.BytesIO()
    first.save(
        out,
        "AVIF",
        save_all=True,
        append_images=others,
        duration=durations,
        speed=10,
        subsampling=subsampling,
        range=spread,
    )
    features = {mode, subsampling, spread, f"plays {plays}", *(f"delay {duration}" for duration in durations)}
    return Drawn("AVIF animation", "image/avif", write_plays(out.getvalue(), plays), frozenset(features), rough=True)
