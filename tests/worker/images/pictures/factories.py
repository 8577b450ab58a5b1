"""Draws the input of the tests on pictures: pictures, files of every format, and damage to them."""

from __future__ import annotations

import io
import math
import random
import struct
import zlib
from typing import Any, Final

import pillow_heif
from PIL import Image, ImageDraw

COLOURS: Final = ((220, 30, 40), (30, 170, 60), (40, 60, 210), (235, 200, 40))
"""Upper left, upper right, lower left, lower right of `quarters`."""

INVERSE_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What an upright picture is turned by to be stored with each EXIF orientation."""


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Return four rectangles of different colours: no turn or flip leaves it as it is."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for index, colour in enumerate(COLOURS):
        x, y = index % 2 * width // 2, index // 2 * height // 2
        draw.rectangle((x, y, x + width // 2, y + height // 2), colour)
    return image


def scene(width: int = 320, height: int = 240, mode: str = "RGB", seed: int = 7) -> Image.Image:
    """Return something like a photograph: gradients, edges and a little noise."""
    rng = random.Random(seed)
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(24):
        x, y, r = rng.randrange(width), rng.randrange(height), rng.randrange(4, max(5, min(width, height) // 3))
        draw.ellipse((x - r, y - r, x + r, y + r), tuple(rng.randrange(256) for _ in range(3)))
    for _ in range(width * height // 40):
        image.putpixel((rng.randrange(width), rng.randrange(height)), tuple(rng.randrange(256) for _ in range(3)))
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.radial_gradient("L").resize((width, height)))
    return image.convert(mode)


def encode(image: Image.Image, name: str, **options: Any) -> bytes:
    """Return the picture as a file of Pillow's format `name`, or of `HEIF`."""
    if name == "HEIF":
        return _heif(image, **options)
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def _heif(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    options.setdefault("quality", 90)
    options.setdefault("enc_params", {"preset": "ultrafast"})
    pillow_heif.encode(image.mode, image.size, image.tobytes(), out, **options)
    return out.getvalue()


def exif(orientation: int | None = None, **fields: str) -> bytes:
    """Return an EXIF block with an orientation, a camera, a GPS position, and `artist` and `copyright` if given."""
    block = Image.Exif()
    if orientation:
        block[0x0112] = orientation
    block[0x0110] = "SecretCamera 3000"
    for name, tag in (("artist", 0x013B), ("copyright", 0x8298)):
        if name in fields:
            block[tag] = fields[name]
    block.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 3.0)})
    return block.tobytes()


def turned(image: Image.Image, orientation: int, name: str, **fields: str) -> bytes:
    """Return `image` stored turned, with the orientation that makes it upright again."""
    stored = image.transpose(INVERSE_TURNS[orientation]) if orientation > 1 else image
    if name == "TIFF":
        return encode(stored, name, tiffinfo={0x0112: orientation})
    return encode(stored, name, exif=exif(orientation, **fields))


def film(name: str, colours: tuple[str, ...] = ("red", "lime", "blue"), **options: Any) -> bytes:
    """Return an animation of a coloured square wandering over a grey canvas."""
    frames = []
    for index, colour in enumerate(colours):
        frame = Image.new("RGB", (64, 48), "#808080")
        ImageDraw.Draw(frame).rectangle((index * 16, 8, index * 16 + 15, 39), colour)
        frames.append(frame)
    options = {"duration": [100, 200, 300][: len(frames)], "loop": 0, **options}
    return encode(frames[0], name, save_all=True, append_images=frames[1:], **options)


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, depth: int, kind: int, rows: bytes, *extra: bytes, interlaced: bool = False) -> bytes:
    """Return a PNG from raw filtered rows, with extra chunks before the pixels."""
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    pixels = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(extra) + pixels + chunk(b"IEND", b"")


def empty_png(width: int, height: int, depth: int = 8, kind: int = 2, *, interlaced: bool = False) -> bytes:
    """Return a black PNG of any size in a few kilobytes, without ever holding its pixels."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    row = 1 + math.ceil(width * samples * depth / 8)
    total = row * height
    if interlaced:
        passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
        sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes]
        total = sum((1 + math.ceil(w * samples * depth / 8)) * h for w, h in sizes if w > 0)
    squeezer = zlib.compressobj(9)
    block = bytes(1 << 20)
    body = b"".join(squeezer.compress(block[: min(len(block), total - at)]) for at in range(0, total, len(block)))
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    palette = chunk(b"PLTE", bytes(range(256)) * 3) if kind == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + palette
        + chunk(b"IDAT", body + squeezer.flush())
        + chunk(b"IEND", b"")
    )


def tiff(
    size: tuple[int, int],
    bits: int,
    photometric: int,
    pixels: bytes,
    *,
    order: str = "<",
    tags: dict[int, tuple[int, list[int]]] | None = None,
) -> bytes:
    """Return an uncompressed TIFF of one strip; `tags` adds or replaces entries, each a type (3 or 4) and values."""
    entries = {
        256: (4, [size[0]]),
        257: (4, [size[1]]),
        258: (3, [bits]),
        259: (3, [1]),
        262: (3, [photometric]),
        273: (4, [8]),
        277: (3, [1]),
        278: (4, [size[1]]),
        279: (4, [len(pixels)]),
        **(tags or {}),
    }
    entries[258] = (3, [bits] * entries[277][1][0])
    pixels += bytes(len(pixels) % 2)
    table, values = struct.pack(f"{order}H", len(entries)), b""
    after = 8 + len(pixels) + 2 + 12 * len(entries) + 4
    for tag, (kind, numbers) in sorted(entries.items()):
        value = struct.pack(f"{order}{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        table += struct.pack(f"{order}HHI", tag, kind, len(numbers))
        if len(value) <= 4:
            table += value.ljust(4, b"\x00")
        else:
            table += struct.pack(f"{order}I", after + len(values))
            values += value
    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(f"{order}I", 8 + len(pixels))
    return head + pixels + table + bytes(4) + values


def gif(size: tuple[int, int], palette: list[tuple[int, int, int]], *blocks: bytes) -> bytes:
    """Return a GIF of these blocks over a palette of 128 colours, of which the first are given."""
    colours = b"".join(bytes(colour) for colour in palette).ljust(3 * 128, b"\x00")
    return b"GIF89a" + struct.pack("<HHBBB", *size, 0xF6, 0, 0) + colours + b"".join(blocks) + b";"


def gif_frame(
    box: tuple[int, int, int, int], index: int, *, disposal: int = 0, delay: int = 10, transparent: int | None = None
) -> bytes:
    """Return a frame of one colour: left, top, width and height; the delay is in hundredths of a second."""
    flags = disposal << 2 | (transparent is not None)
    control = b"!\xf9\x04" + struct.pack("<BHBB", flags, delay, transparent or 0, 0)
    # Codes of eight bits are bytes, and stay so when the table is cleared before it grows.
    codes = b"".join(b"\x80" + bytes([index]) * min(100, box[2] * box[3] - at) for at in range(0, box[2] * box[3], 100))
    codes += b"\x81"
    blocks = b"".join(bytes([len(codes[at : at + 255])]) + codes[at : at + 255] for at in range(0, len(codes), 255))
    return control + b"," + struct.pack("<4HB", *box, 0) + b"\x07" + blocks + b"\x00"


def gif_loop(repetitions: int) -> bytes:
    """Return Netscape's extension; 0 repeats forever."""
    return b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", repetitions) + b"\x00"


def box(name: bytes, data: bytes) -> bytes:
    """Return an ISO base media box."""
    return struct.pack(">I", 8 + len(data)) + name + data


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a WebP of these chunks."""
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bomb(size: int) -> bytes:
    """Return `size` zero bytes, compressed a thousandfold."""
    squeezer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(squeezer.compress(block) for _ in range(size >> 20)) + squeezer.flush()


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Return the file damaged in one of the ways that files are damaged, mostly in its first kilobyte."""
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(min(len(damaged), 1024) if rng.random() < 0.7 else len(damaged)) if damaged else 0
        kind = rng.randrange(6)
        if kind == 0:
            damaged[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            damaged[at] = rng.choice((0, 1, 127, 128, 254, 255))
        elif kind == 2:
            damaged[at : at + 4] = rng.choice(
                (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"\x00\x10\x00\x00")
            )
        elif kind == 3:
            del damaged[at : at + rng.choice((1, 2, 8, 200))]
        elif kind == 4:
            damaged[at:at] = damaged[at : at + rng.choice((1, 4, 64))]
        else:
            damaged = damaged[: max(1, at)] if rng.random() < 0.3 else damaged
        if not damaged:
            break
    return bytes(damaged)


def jpeg_header(
    width: int, height: int, *, progressive: bool = False, sampling: int = 0x22, channels: int = 3
) -> bytes:
    """Return a JPEG that is all header: its frame, one scan without a pixel, the end mark."""
    components = b"".join(bytes((index + 1, 0x11 if index else sampling, 0)) for index in range(channels))
    frame = struct.pack(">HBHHB", 8 + 3 * channels, 8, height, width, channels) + components
    selectors = b"".join(bytes((index + 1, 0)) for index in range(channels))
    scan = struct.pack(">HB", 6 + 2 * channels, channels) + selectors + b"\x00\x3f\x00"
    return b"\xff\xd8\xff" + (b"\xc2" if progressive else b"\xc0") + frame + b"\xff\xda" + scan + b"\x00\xff\xd9"
