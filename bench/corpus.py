"""The pictures that `bench.memory` measures: large ones of every kind, and small files that claim to be large.

Each case is a function without arguments, because some need minutes and gigabytes to be drawn.
"""

from __future__ import annotations

import random
import struct
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from tests import factories, profiles

if TYPE_CHECKING:
    from collections.abc import Callable

MEGAPIXELS: Final = {
    3: (2048, 1536),
    12: (4032, 3024),
    24: (6000, 4000),
    36: (7360, 4912),
    50: (8688, 5792),
    100: (11_648, 8736),
    200: (16_320, 12_240),
}
_TILE: Final = 512
_PALETTE: Final = [(index, 255 - index, 128) for index in range(128)]


def photo(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Return a picture with as much detail as a photograph has: tiles of one scene, each a little different."""
    scene = factories.scene(_TILE, _TILE, mode)
    picture = Image.new(mode, size)
    for index, x in enumerate(range(0, size[0], _TILE)):
        for y in range(0, size[1], _TILE):
            picture.paste(scene.rotate(90 * (index % 4)), (x, y))
    return picture


def encoded(megapixels: int, name: str, mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture of that many megapixels as a file."""
    if mode != "I;16":
        return factories.encode(photo(MEGAPIXELS[megapixels], mode), name, **options)
    grey = photo(MEGAPIXELS[megapixels], "L")
    deep = Image.frombytes("I;16", grey.size, bytes(value for pixel in grey.tobytes() for value in (0, pixel)))
    return factories.encode(deep, name, **options)


def deep_tiff(megapixels: int, channels: int, photometric: int) -> bytes:
    """Return an uncompressed TIFF with 16 bits per channel."""
    width, height = MEGAPIXELS[megapixels]
    row = random.Random(1).randbytes(2 * channels * width)
    tags = {277: (3, [channels])} | ({338: (3, [2])} if photometric == 2 and channels == 4 else {})
    return factories.tiff((width, height), 16, photometric, row * height, tags=tags)


def film(name: str, count: int, side: int) -> bytes:
    """Return an animation of that many frames."""
    if name == "GIF":
        frames = [factories.gif_frame((index % side, 0, 8, side), index % 128) for index in range(count)]
        first = factories.gif_frame((0, 0, side, side), 1)
        return factories.gif((side, side), _PALETTE, factories.gif_loop(0), first, *frames[1:])
    frame, *rest = (photo((side, side)).rotate(index) for index in range(count))
    return factories.encode(frame, name, save_all=True, append_images=rest, duration=40)


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


def _cases() -> dict[str, Callable[[], bytes]]:
    cases: dict[str, Callable[[], bytes]] = {}
    for size in (24, 50, 100, 200):
        cases[f"JPEG baseline, {size} MP"] = partial(encoded, size, "JPEG", quality=90)
        cases[f"JPEG progressive, {size} MP"] = partial(encoded, size, "JPEG", quality=90, progressive=True)
    cases |= {
        "JPEG CMYK with profile, 50 MP": partial(encoded, 50, "JPEG", "CMYK", icc_profile=profiles.cmyk_profile()),
        "JPEG P3 on its side, 50 MP": partial(
            encoded, 50, "JPEG", icc_profile=profiles.rgb_profile("p3"), exif=factories.exif(6)
        ),
        "JPEG grey, 100 MP": partial(encoded, 100, "JPEG", "L"),
        "PNG 20,000 x 20,000, 4 bits, 200 kB": partial(factories.empty_png, 20_000, 20_000, 4, 0),
        "PNG 20,000 x 20,000, RGB": partial(factories.empty_png, 20_000, 20_000),
        "PNG RGB, 24 MP": partial(encoded, 24, "PNG", compress_level=1),
        "PNG RGBA, 12 MP": partial(encoded, 12, "PNG", "RGBA", compress_level=1),
        "PNG palette, 24 MP": partial(encoded, 24, "PNG", "P", transparency=3, compress_level=1),
        "PNG grey of 16 bits, 24 MP": partial(factories.empty_png, 6000, 4000, 16, 0),
        "PNG RGBA of 16 bits, interlaced, 12 MP": partial(factories.empty_png, 4032, 3024, 16, 6, interlaced=True),
        "GIF, 24 MP": partial(encoded, 24, "GIF", "P"),
        "GIF, 10,000 frames of 64 x 64": partial(film, "GIF", 10_000, 64),
        "GIF, 40 frames of 1000 x 1000": partial(film, "GIF", 40, 1000),
        "TIFF RGB of 16 bits, 24 MP": partial(deep_tiff, 24, 3, 2),
        "TIFF RGB of 16 bits, 36 MP": partial(deep_tiff, 36, 3, 2),
        "TIFF RGBA of 16 bits, 12 MP": partial(deep_tiff, 12, 4, 2),
        "TIFF grey of 16 bits, 50 MP": partial(deep_tiff, 50, 1, 1),
        "TIFF CMYK of 16 bits, 12 MP": partial(deep_tiff, 12, 4, 5),
        "TIFF RGB in LZW, 24 MP": partial(encoded, 24, "TIFF", compression="tiff_lzw"),
        "TIFF YCbCr in JPEG, 24 MP": partial(encoded, 24, "TIFF", compression="jpeg"),
        "TIFF grey of 16 bits in ZIP, 12 MP": partial(encoded, 12, "TIFF", "I;16", compression="tiff_deflate"),
        "WebP, 24 MP": partial(encoded, 24, "WEBP", method=0),
        "WebP lossless with alpha, 12 MP": partial(encoded, 12, "WEBP", "RGBA", lossless=True, method=0, quality=0),
        "WebP, 30 frames of 800 x 800": partial(film, "WEBP", 30, 800),
        "AVIF, 24 MP": partial(encoded, 24, "AVIF", speed=10),
        "AVIF 4:4:4 with alpha, 12 MP": partial(encoded, 12, "AVIF", "RGBA", speed=10, subsampling="4:4:4"),
        "AVIF, 20 frames of 800 x 800": partial(film, "AVIF", 20, 800),
        "HEIC, 12 MP": partial(encoded, 12, "HEIF"),
        "HEIC, 24 MP": partial(encoded, 24, "HEIF", quality=50),
        "HEIC, 50 MP": partial(encoded, 50, "HEIF", quality=30),
        "BMP, 24 MP": partial(encoded, 24, "BMP"),
        "APNG, 60 frames of 500 x 500": partial(film, "PNG", 60, 500),
        "bomb: JPEG of 65,500 x 65,500": partial(factories.jpeg_header, 65_500, 65_500, progressive=True),
        "bomb: PNG of 65,000 x 65,000": partial(factories.png, 65_000, 65_000, 16, 6, b""),
        "bomb: PNG, 512 MB in iCCP": partial(png_with, b"iCCP", b"icc\x00\x00"),
        "bomb: PNG, 512 MB in zTXt": partial(png_with, b"zTXt", b"text\x00\x00"),
        "bomb: PNG, 512 MB in iTXt": partial(png_with, b"iTXt", b"text\x00\x01\x00\x00\x00"),
        "bomb: PNG of 200,000 pieces": partial(png_pieces, 200_000),
        "bomb: JPEG of 1,000,000 segments": partial(jpeg_segments, 1_000_000),
        "bomb: JPEG, 15 MB in its profile": partial(jpeg_with_profile, 15_000_000),
        "bomb: GIF of 65,535 x 65,535": partial(
            factories.gif, (65_535, 65_535), _PALETTE, factories.gif_frame((0, 0, 1, 1), 0)
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
    return cases


CASES: Final = _cases()
"""By name, in the order of the table."""
