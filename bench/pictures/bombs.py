"""Small files that `bench.memory` measures, because they claim to be large, or unfold to what is.

Each case is a function without arguments, because some need seconds and hundreds of megabytes to be made.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, Final

from PIL import Image

from bench.pictures.corpus import PALETTE, film, photo
from tests.worker.images.pictures import factories, profiles

if TYPE_CHECKING:
    from collections.abc import Callable


def png_with(name: bytes, prefix: bytes, megabytes: int = 512) -> bytes:
    """Return a small PNG with that many zeros compressed in one of its chunks."""
    chunk = factories.chunk(name, prefix + factories.bomb(megabytes << 20))
    return factories.png(64, 64, 8, 2, bytes(193 * 64), chunk)


def jpeg_with_profile(size: int) -> bytes:
    """Return a small JPEG with a colour profile of that many bytes."""
    profile = profiles.rgb_profile("p3") + bytes(size)
    return factories.encode(photo((64, 64)), "JPEG", icc_profile=profile)


def deflate_bomb(side: int) -> bytes:
    """Return a TIFF of one strip that inflates a thousandfold."""
    out = factories.bomb(side * side * 3 + (1 << 20))
    return factories.tiff((side, side), 8, 2, out, tags={259: (3, [8]), 277: (3, [3])})


def strips(count: int) -> bytes:
    """Return a TIFF of that many strips of a row."""
    tags = {273: (4, [8 + 8 * row for row in range(count)]), 279: (4, [8] * count), 278: (4, [1])}
    return factories.tiff((8, count), 8, 1, bytes(8 * count), tags=tags)


def tags(count: int) -> bytes:
    """Return a TIFF of which every tag claims the whole file as its value."""
    data = factories.tiff((8, 8), 8, 1, bytes(64))
    start = struct.unpack_from("<I", data, 4)[0]
    extra = b"".join(struct.pack("<HHII", 1000 + index, 7, 4_000_000, 8) for index in range(count))
    old = data[start + 2 : start + 2 + 12 * 9]
    return data[:start] + struct.pack("<H", 9 + count) + old + extra + bytes(4) + bytes(4_000_000)


def lying_avif(side: int = 8_000) -> bytes:
    """Return an AVIF whose boxes state 64 x 64 pixels and whose stream holds frames of `side` by `side`."""
    data = factories.encode(Image.new("RGB", (side, side)), "AVIF", speed=10)
    return data.replace(struct.pack(">II", side, side), struct.pack(">II", 64, 64))


def lying_heic() -> bytes:
    """Return a HEIC whose boxes state a small picture and whose stream holds a large one."""
    data = factories.encode(Image.new("RGB", (8000, 8000)), "HEIF")
    return data.replace(struct.pack(">II", 8000, 8000), struct.pack(">II", 64, 64))


def flat_webp() -> bytes:
    """Return the largest WebP there can be, of one colour."""
    return factories.encode(Image.new("RGB", (16_383, 16_383)), "WEBP", lossless=True, method=0, quality=0)


def rle_bomb() -> bytes:
    """Return a BMP of a few bytes that states 400 million pixels."""
    info = struct.pack("<IiiHHIIiiII", 40, 20_000, 20_000, 1, 8, 1, 2, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + 2, 0, 0, 54 + 1024) + info + bytes(1024) + b"\x00\x01"


def webp_chunks(count: int) -> bytes:
    """Return a WebP of countless unknown chunks."""
    small = factories.encode(photo((64, 64)), "WEBP")[12:]
    body = b"WEBP" + small + b"".join(struct.pack("<4sI", struct.pack("<I", index), 0) for index in range(count))
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_segments(count: int) -> bytes:
    """Return a JPEG of countless tiny segments."""
    data = factories.encode(photo((64, 64)), "JPEG")
    return data[:2] + b"\xff\xdd\x00\x04\x00\x00" * count + data[2:]


def png_pieces(count: int) -> bytes:
    """Return a PNG whose pixels come in countless empty pieces."""
    piece = factories.chunk(b"IDAT", b"")
    data = factories.encode(photo((64, 64)), "PNG")
    at = data.index(b"IDAT") - 4
    return data[:at] + piece * count + data[at:]


BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    "bomb: JPEG of 65,500 x 65,500": partial(factories.jpeg_header, 65_500, 65_500, progressive=True),
    "bomb: PNG of 65,000 x 65,000": partial(factories.png, 65_000, 65_000, 16, 6, b""),
    "bomb: PNG, 512 MB in iCCP": partial(png_with, b"iCCP", b"icc\x00\x00"),
    "bomb: PNG, 512 MB in zTXt": partial(png_with, b"zTXt", b"text\x00\x00"),
    "bomb: PNG, 512 MB in iTXt": partial(png_with, b"iTXt", b"text\x00\x01\x00\x00\x00"),
    "bomb: PNG of 200,000 pieces": partial(png_pieces, 200_000),
    "bomb: JPEG of 1,000,000 segments": partial(jpeg_segments, 1_000_000),
    "bomb: JPEG, 15 MB in its profile": partial(jpeg_with_profile, 15_000_000),
    "bomb: GIF of 65,535 x 65,535": partial(
        factories.gif, (65_535, 65_535), PALETTE, factories.gif_frame((0, 0, 1, 1), 0)
    ),
    "bomb: GIF of 60,000 frames": partial(film, "GIF", 60_000, 16),
    "bomb: TIFF that inflates to 20,000 x 20,000": partial(deflate_bomb, 20_000),
    "bomb: TIFF of 60,000 strips": partial(strips, 60_000),
    "bomb: TIFF, 60,000 tags of 4 MB": partial(tags, 60_000),
    "bomb: BMP of 20,000 x 20,000": rle_bomb,
    "bomb: WebP of 16,383 x 16,383": flat_webp,
    "bomb: WebP of 1,000,000 chunks": partial(webp_chunks, 1_000_000),
    "bomb: AVIF that lies about its size": lying_avif,
    "bomb: HEIC that lies about its size": lying_heic,
}
"""By name, in the order of the table."""
