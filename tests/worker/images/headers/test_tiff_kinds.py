"""TIFFs of every layout that the tags can state: right, or refused as the rare kind that they are; never damaged, never empty."""

from __future__ import annotations

import io
import itertools
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from worker.contracts.errors import UnsupportedFormat
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import render

WIDTH, HEIGHT = 12, 8
GREY, RGB, PALETTE, CMYK = 1, 2, 3, 5
UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, CMYK: 4}
Pixel = tuple[int, ...]


def colour(x: int, y: int, channels: int) -> Pixel:
    """Return the channels of a pixel, from 0 to 255: a ramp along each axis, and their difference."""
    return ((x * 20) % 256, (y * 30) % 256, abs(x * 20 - y * 30) % 256, (x + y) * 5)[:channels]


def tiff(
    photometric: int,
    *,
    bits: int = 8,
    alpha: int | None = None,
    separate: bool = False,
    order: str = "<",
    big: bool = False,
    byte_palette: bool = False,
    more: dict[int, tuple[int, list[int]]] | None = None,
) -> bytes:
    """Write an uncompressed TIFF of one strip per plane; `more` are tags besides, as type and values."""
    channels = CHANNELS[photometric] + (alpha is not None)
    letter, top = ("B", 1) if bits == 8 else ("H", 257)
    rows = [[colour(x, y, CHANNELS[photometric]) for x in range(WIDTH)] for y in range(HEIGHT)]
    pixels = [[(*pixel, *([200] if alpha is not None else [])) for pixel in row] for row in rows]
    if alpha == ASSOCIATED:
        pixels = [[(*(value * pixel[-1] // 255 for value in pixel[:-1]), pixel[-1]) for pixel in row] for row in pixels]
    planes = (
        [[pixel[channel] for row in pixels for pixel in row] for channel in range(channels)]
        if separate
        else [[value for row in pixels for pixel in row for value in pixel]]
    )
    strips = [struct.pack(f"{order}{len(plane)}{letter}", *(value * top for value in plane)) for plane in planes]
    head = 16 if big else 8
    starts = list(itertools.accumulate((len(strip) for strip in strips[:-1]), initial=head))
    tags: dict[int, tuple[int, list[int]]] = {
        256: (3, [WIDTH]), 257: (3, [HEIGHT]), 258: (3, [bits] * channels), 259: (3, [1]), 262: (3, [photometric]),
        273: (16 if big else 4, starts), 277: (3, [channels]), 278: (3, [HEIGHT]),
        279: (16 if big else 4, [len(strip) for strip in strips]), 284: (3, [2 if separate else 1]),
    }  # fmt: skip
    if alpha is not None:
        tags[338] = (3, [alpha])
    if photometric == PALETTE:
        tags[320] = (3, [value * (1 if byte_palette else 257) for channel in range(3) for value in ramp(channel)])
    return _with_directory(strips, {**tags, **(more or {})}, order, big=big)


def ramp(channel: int) -> list[int]:
    """Return one channel of the palette."""
    return [(index, 255 - index, (index * 7) % 256)[channel] for index in range(256)]


def _with_directory(strips: list[bytes], tags: dict[int, tuple[int, list[int]]], order: str, *, big: bool) -> bytes:
    wide, count, head = ("Q", "Q", 16) if big else ("I", "H", 8)
    room, letters = struct.calcsize(wide), {3: "H", 4: "I", 16: "Q", 1: "B"}
    start = head + sum(map(len, strips))
    after = start + struct.calcsize(f"<{count}") + len(tags) * (4 + 2 * room) + room
    table, values = struct.pack(f"{order}{count}", len(tags)), b""
    for tag, (kind, numbers) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}{letters[kind]}", *numbers)
        table += struct.pack(f"{order}HH{wide}", tag, kind, len(numbers))
        if len(packed) <= room:
            table += packed.ljust(room, b"\0")
        else:
            table += struct.pack(f"{order}{wide}", after + len(values))
            values += packed
    magic = struct.pack(f"{order}HHHQ", 43, 8, 0, start) if big else struct.pack(f"{order}HI", 42, start)
    mark = b"II" if order == "<" else b"MM"
    return b"".join([mark, magic, *strips, table, b"\0" * room, values])


def shown(data: bytes) -> Image.Image:
    """Return the picture as the worker shows it."""
    spec = RenditionSpec("p", 99, 99, format="png")
    made = render(data, (spec,), wanted=["p"], memory_bytes=512 * 2**20)
    return Image.open(io.BytesIO(made.renditions[0].data)).convert("RGBA")


def pixel(image: Image.Image, x: int, y: int) -> Pixel:
    """Return red, green, blue and alpha."""
    return tuple(image.crop((x, y, x + 1, y + 1)).tobytes())


def expected(photometric: int, x: int, y: int) -> Pixel:
    """Return the colour that a pixel has, as red, green and blue."""
    pixel = colour(x, y, CHANNELS[photometric])
    match photometric:
        case 1:
            return pixel * 3
        case 2:
            return pixel
        case 3:
            return tuple(ramp(channel)[pixel[0]] for channel in range(3))
        case _:
            return tuple((255 - value) * (255 - pixel[3]) // 255 for value in pixel[:3])


LAYOUTS = [
    (photometric, alpha, bits)
    for photometric in CHANNELS
    for alpha in (None, UNSPECIFIED, ASSOCIATED, UNASSOCIATED)
    for bits in (8, 16)
    if photometric != PALETTE or (alpha, bits) == (None, 8)  # No program writes another palette.
]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize(("photometric", "alpha", "bits"), LAYOUTS)
def test_a_layout_is_right_or_refused_as_what_it_is(photometric, alpha, bits, separate, big, order):
    """Grey, RGB, palette and CMYK, each with and without alpha, in both byte orders, interleaved and in planes, BigTIFF or not."""
    data = tiff(photometric, bits=bits, alpha=alpha, separate=separate, big=big, order=order)
    try:
        image = shown(data)
    except UnsupportedFormat:
        assert photometric == CMYK or separate or alpha is not None or bits == 16
        return
    for x, y in itertools.product(range(WIDTH), range(HEIGHT)):
        red, green, blue, opacity = pixel(image, x, y)
        wanted = expected(photometric, x, y)
        assert all(abs(a - b) <= 3 for a, b in zip((red, green, blue), wanted, strict=True)), (x, y, wanted)
        assert opacity == (200 if alpha in (ASSOCIATED, UNASSOCIATED) else 255) or alpha == UNSPECIFIED


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_a_palette_of_bytes_is_scaled(order, big):
    """Some programs write bytes where the specification has 16 bits: the picture was black."""
    image = shown(tiff(PALETTE, order=order, big=big, byte_palette=True))
    assert all(
        pixel(image, x, y)[:3] == expected(PALETTE, x, y) for x, y in itertools.product(range(WIDTH), range(HEIGHT))
    )


@pytest.mark.parametrize(
    "more",
    [
        {50706: (1, [1, 4, 0, 0])},
        {254: (4, [1]), 330: (4, [8])},
        {254: (4, [1]), 330: (4, [8, 8])},
    ],
)
def test_a_camera_raw_is_refused_as_one(more):
    """Its first directory is a preview: a thumbnail of that would pass for the picture."""
    with pytest.raises(UnsupportedFormat, match="camera raw"):
        shown(tiff(RGB, more=more))


def test_a_cr2_is_refused_as_one():
    """Canon's mark stands behind the header."""
    data = bytearray(tiff(RGB))
    data[8:10] = b"CR"
    with pytest.raises(UnsupportedFormat, match="camera raw"):
        shown(bytes(data))


def test_a_preview_beside_other_pages_is_no_raw():
    """A reduced picture without sub-directories is a page like any other."""
    assert shown(tiff(RGB, more={254: (4, [1])})).size == (WIDTH, HEIGHT)


@pytest.mark.parametrize("separate_tags", [False, True])
def test_tiles_are_found_in_the_tags_of_strips(separate_tags):
    """Some programs write where the tiles are into the tags for strips: the file was called truncated."""
    side, tile = 32, 16
    corners = list(itertools.product((0, tile), (0, tile)))
    tiles = [
        bytes(value for y in range(tile) for x in range(tile) for value in ((left + x) * 7, (top + y) * 7, 50))
        for top, left in corners
    ]
    offsets, counts = (324, 325) if separate_tags else (273, 279)
    tags = {
        256: (3, [side]), 257: (3, [side]), 258: (3, [8] * 3), 259: (3, [1]), 262: (3, [RGB]), 277: (3, [3]), 284: (3, [1]),
        322: (3, [tile]), 323: (3, [tile]), offsets: (4, [8 + 768 * index for index in range(4)]), counts: (4, [768] * 4),
    }  # fmt: skip
    image = shown(_with_directory(tiles, tags, "<", big=False))
    assert all(pixel(image, x, y) == (x * 7, y * 7, 50, 255) for x, y in itertools.product(range(side), range(side)))


def ycbcr(size: tuple[int, int], across: int, down: int, rows: int, *, compressed: bool, stated: bool) -> bytes:
    """Write YCbCr in units of `across` x `down` pixels with one chroma each, `rows` in a strip; the chroma is grey."""
    width, height = size
    strips = []
    for top in range(0, height, rows):
        units = itertools.product(range(0, min(rows, height - top), down), range(0, width, across))
        strip = b"".join(
            bytes(
                brightness(min(left + x, width - 1), min(top + y + at, height - 1))
                for at in range(down)
                for x in range(across)
            )
            + b"\x80\x80"
            for y, left in units
        )
        strips.append(zlib.compress(strip) if compressed else strip)
    starts = list(itertools.accumulate((len(strip) for strip in strips[:-1]), initial=8))
    tags = {
        256: (3, [width]), 257: (3, [height]), 258: (3, [8] * 3), 259: (3, [8 if compressed else 1]), 262: (3, [6]),
        273: (4, starts), 277: (3, [3]), 278: (3, [rows]), 279: (4, [len(strip) for strip in strips]), 284: (3, [1]),
    }  # fmt: skip
    return _with_directory(strips, tags | ({530: (3, [across, down])} if stated else {}), "<", big=False)


def brightness(x: int, y: int) -> int:
    """Return the brightness of a pixel."""
    return x * 5 + y * 3


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("down", [1, 2, 4])
@pytest.mark.parametrize("across", [1, 2, 4])
@settings(max_examples=25)
@given(width=st.integers(1, 17), height=st.integers(1, 17), strips=st.booleans(), stated=st.booleans())
def test_subsampled_ycbcr_is_right_or_refused_as_what_it_is(across, down, compressed, width, height, strips, stated):
    """Units of 1 x 1 to 4 x 4 pixels, plain and compressed, stated or by default 2 x 2: they were silently wrong."""
    stated = stated or (across, down) != (2, 2)
    rows = min(4, height) if strips else height
    data = ycbcr((width, height), across, down, rows, compressed=compressed, stated=stated)
    try:
        image = shown(data)
    except UnsupportedFormat:
        assert (not compressed and (across, down) != (1, 1)) or down == 4 or width < across or height < down
        return
    wrong = {
        (x, y)
        for x, y in itertools.product(range(width), range(height))
        if any(abs(value - brightness(x, y)) > 3 for value in pixel(image, x, y)[:3])
    }
    assert not wrong
