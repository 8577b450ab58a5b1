"""The large pictures that `bench.memory` measures: of every format, and of every mode that takes memory of its own.

Each case is a function without arguments, because some need minutes and gigabytes to be drawn.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from tests.worker.images.pictures import factories, profiles

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
PALETTE: Final = [(index, 255 - index, 128) for index in range(128)]


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


def film(name: str, count: int, side: int, mode: str = "RGB", **options: Any) -> bytes:
    """Return an animation of that many frames."""
    if name == "GIF":
        frames = [factories.gif_frame((index % side, 0, 8, side), index % 128) for index in range(count)]
        first = factories.gif_frame((0, 0, side, side), 1)
        return factories.gif((side, side), PALETTE, factories.gif_loop(0), first, *frames[1:])
    frame, *rest = (photo((side, side), mode).rotate(index) for index in range(count))
    return factories.encode(frame, name, save_all=True, append_images=rest, duration=40, **options)


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
        "APNG, 10 blended frames of 1000 x 1000": partial(film, "PNG", 10, 1000, "RGBA", blend=1, disposal=2),
    }
    return cases


PICTURES: Final = _cases()
"""By name, in the order of the table."""
