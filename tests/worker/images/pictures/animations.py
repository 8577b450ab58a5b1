"""Draws animations in APNG and GIF, and what they show: composed here by the specifications, a pixel at a time."""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

from tests.worker.images.pictures.factories import chunk

Pixel = tuple[int, int, int, int]
Rows = list[list[Pixel]]

CLEAR: Final = (0, 0, 0, 0)
SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
KINDS: Final = tuple(
    (kind, depth)
    for kind, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items()
    for depth in depths
)
"""Colour types of PNG, each with its depths."""
PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced PNG: first column and row, step across and down."""


@dataclass
class Film:
    """A file, how often it is played, and what it shows with milliseconds."""

    data: bytes
    plays: int
    shown: list[tuple[Rows, int]] = field(default_factory=list)


@dataclass
class Frame:
    """A rectangle: where it is, its pixels, whether it is drawn over the canvas, and how it is disposed of.

    `disposal` is 0 to leave it, 1 to clear it, 2 to put back what was there.
    """

    left: int
    top: int
    rows: Rows
    over: bool
    disposal: int
    delay: int


def compose(width: int, height: int, frames: list[Frame]) -> list[tuple[Rows, int]]:
    """Return what each frame shows."""
    canvas = [[CLEAR] * width for _ in range(height)]
    shown = []
    for frame in frames:
        before = [list(row) for row in canvas]
        for y, row in enumerate(frame.rows, frame.top):
            for x, pixel in enumerate(row, frame.left):
                if x < width and y < height:
                    canvas[y][x] = blend(pixel, canvas[y][x]) if frame.over else pixel
        shown.append(([list(row) for row in canvas], frame.delay))
        for y in range(frame.top, min(height, frame.top + len(frame.rows))):
            for x in range(frame.left, min(width, frame.left + len(frame.rows[0]))):
                canvas[y][x] = (canvas[y][x], CLEAR, before[y][x])[frame.disposal]
    return shown


def blend(above: Pixel, below: Pixel) -> Pixel:
    """Return one pixel over another (https://www.w3.org/TR/png-3/#alphaSection)."""
    over, under = above[3] / 255, below[3] / 255 * (1 - above[3] / 255)
    if not over + under:
        return CLEAR
    red, green, blue = (
        round((a * over + b * under) / (over + under)) for a, b in zip(above[:3], below[:3], strict=True)
    )
    return red, green, blue, round(255 * (over + under))


# APNG -----------------------------------------------------------------------------------------------------------------


def control(
    sequence: int, box: tuple[int, int, int, int], delay: tuple[int, int] = (1, 10), ops: bytes = b"\0\0"
) -> bytes:
    """Return a frame control chunk: left, top, width and height; numerator and denominator; disposal and blending."""
    left, top, width, height = box
    return chunk(b"fcTL", struct.pack(">5I2H", sequence, width, height, left, top, *delay) + ops)


def header(width: int, height: int, kind: int = 6, depth: int = 8, *, interlaced: bool = False) -> bytes:
    """Return the header chunk."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced)))


def apng(*chunks: bytes) -> bytes:
    """Return a PNG of these chunks."""
    return SIGNATURE + b"".join(chunks) + chunk(b"IEND", b"")


@dataclass
class Drawing:
    """Draws pixels of one colour type: as samples for the file, and as RGBA."""

    rng: random.Random
    kind: int
    depth: int
    interlaced: bool

    def __post_init__(self) -> None:
        """Draw a palette and a transparent colour."""
        self.palette = [tuple(self.rng.randrange(256) for _ in range(3)) for _ in range(1 << min(self.depth, 8))]
        self.alphas = [self.rng.choice((0, 100, 255)) for _ in range(self.rng.randrange(len(self.palette) + 1))]
        self.few = [self.samples() for _ in range(4)]
        self.clear = self.rng.choice(self.few) if self.kind in (0, 2) and self.rng.random() < 0.7 else None

    def samples(self) -> tuple[int, ...]:
        """Return one pixel as stored; 16 bits have equal bytes."""
        count = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[self.kind]
        if self.depth == 16:
            return tuple(257 * self.rng.choice((0, 90, 128, 200, 255)) for _ in range(count))
        return tuple(self.rng.randrange(1 << self.depth) for _ in range(count))

    def pixel(self, samples: tuple[int, ...]) -> Pixel:
        """Return the pixel that is meant."""
        if self.kind == 3:
            alpha = self.alphas[samples[0]] if samples[0] < len(self.alphas) else 255
            red, green, blue = self.palette[samples[0]]
            return red, green, blue, alpha
        values = [value * 255 // ((1 << self.depth) - 1) for value in samples]
        alpha = values.pop() if self.kind in (4, 6) else 255 * (samples != self.clear)
        red, green, blue = values if len(values) == 3 else values * 3
        return red, green, blue, alpha

    def before_the_pixels(self) -> list[bytes]:
        """Return the chunks of palette and transparent colour."""
        chunks = [chunk(b"PLTE", bytes(value for entry in self.palette for value in entry))] if self.kind == 3 else []
        if self.kind == 3 and self.alphas:
            chunks.append(chunk(b"tRNS", bytes(self.alphas)))
        if self.clear:
            chunks.append(chunk(b"tRNS", struct.pack(f">{len(self.clear)}H", *self.clear)))
        return chunks

    def picture(self, width: int, height: int) -> tuple[bytes, Rows]:
        """Return compressed rows, and the pixels; half of the pixels have one of a few colours."""
        stored = [[self._samples() for _ in range(width)] for _ in range(height)]
        passes = PASSES if self.interlaced else ((0, 0, 1, 1),)
        rows = [row[x::across] for x, y, across, down in passes for row in stored[y::down] if row[x::across]]
        return zlib.compress(b"".join(map(self._packed, rows))), [[self.pixel(s) for s in row] for row in stored]

    def _samples(self) -> tuple[int, ...]:
        return self.rng.choice(self.few) if self.rng.random() < 0.5 else self.samples()

    def _packed(self, row: list[tuple[int, ...]]) -> bytes:
        bits = "".join(f"{value:0{self.depth}b}" for samples in row for value in samples)
        bits += "0" * (-len(bits) % 8)
        return b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")


def draw_apng(seed: int) -> Film:
    """Return an APNG of any colour type, with any operations on any rectangles."""
    rng = random.Random(seed)
    width, height, count, plays = rng.randint(1, 9), rng.randint(1, 9), rng.randint(2, 5), rng.choice((0, 1, 3, 70_000))
    drawing = Drawing(rng, *rng.choice(KINDS), interlaced=rng.random() < 0.3)
    head = [header(width, height, drawing.kind, drawing.depth, interlaced=drawing.interlaced)]
    chunks = [*head, chunk(b"acTL", struct.pack(">II", count, plays)), *drawing.before_the_pixels()]
    separate = rng.random() < 0.3
    if separate:
        chunks.append(chunk(b"IDAT", drawing.picture(width, height)[0]))
    frames: list[Frame] = []
    sequence = 0
    for _ in range(count):
        whole = not frames and not separate
        left, top = (0, 0) if whole else (rng.randrange(width), rng.randrange(height))
        box = (
            (left, top, width, height)
            if whole
            else (left, top, rng.randint(1, width - left), rng.randint(1, height - top))
        )
        data, rows = drawing.picture(*box[2:])
        delay, disposal, over = (
            rng.choice(((1, 10), (7, 0), (2, 30), (3, 1), (70, 1))),
            rng.randrange(3),
            rng.random() < 0.6,
        )
        chunks.append(control(sequence, box, delay, bytes((disposal, over))))
        sequence += 1
        for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
            chunks.append(chunk(b"IDAT", piece) if whole else chunk(b"fdAT", struct.pack(">I", sequence) + piece))
            sequence += not whole
        frames.append(Frame(left, top, rows, over, disposal, round(1000 * delay[0] / (delay[1] or 100))))
    return Film(apng(*chunks), plays, compose(width, height, frames))


# GIF ------------------------------------------------------------------------------------------------------------------


def draw_gif(seed: int) -> Film:
    """Return a GIF with any disposals of any rectangles, with palettes of the file and of frames."""
    rng = random.Random(seed)
    width, height, repetitions = rng.randint(1, 9), rng.randint(1, 9), rng.choice((None, 0, 2, 65_535))
    everywhere = _palette(rng)
    data = b"GIF89a" + struct.pack("<HHBBB", width, height, _flags(everywhere), 0, 0) + _packed(everywhere)
    if repetitions is not None:
        data += (
            b"!\xff\x0b" + rng.choice((b"NETSCAPE2.0", b"ANIMEXTS1.0")) + b"\3\1" + struct.pack("<HB", repetitions, 0)
        )
    frames: list[Frame] = []
    for _ in range(rng.randint(2, 5)):
        left, top = rng.randrange(width + 1), rng.randrange(height + 1)
        across, down = rng.randint(1, 9), rng.randint(1, 9)
        if not frames:
            left, top, across, down = rng.choice(((0, 0, width, height), (left, top, across, down)))
            width, height = max(width, left + across), max(height, top + down)
        own = _palette(rng) if rng.random() < 0.5 else []
        palette = own or everywhere
        clear = rng.randrange(128) if rng.random() < 0.5 else None
        few = [rng.randrange(len(palette)) if palette else 0 for _ in range(3)] + [
            rng.randrange(128) if clear is None else clear
        ]
        indices = [[rng.choice(few) for _ in range(across)] for _ in range(down)]
        interlaced, method = rng.random() < 0.3, rng.randrange(5)
        delay = rng.choice((1, 10, 65_535))
        data += b"!\xf9\x04" + struct.pack("<BHBB", method << 2 | (clear is not None), delay, clear or 0, 0)
        flags = _flags(own) | interlaced << 6
        data += b"," + struct.pack("<4HB", left, top, across, down, flags) + _packed(own) + _codes(indices, interlaced)
        rows = [[CLEAR if i == clear else _colour(palette, i) for i in row] for row in indices]
        frames.append(Frame(left, top, rows, over=True, disposal=(0, 0, 1, 2, 2)[method], delay=10 * delay))
    plays = 1 if repetitions is None else repetitions and repetitions + 1
    return Film(data + rng.choice((b";", b"", b"\0\0;")), plays, compose(width, height, frames))


def _palette(rng: random.Random) -> list[tuple[int, ...]]:
    """Return no colours, or 2 to 128 of them, sometimes a ramp of greys, where each index is its own colour."""
    size = rng.choice((0, 2, 4, 16, 128))
    if rng.random() < 0.4:
        return [(index,) * 3 for index in range(size)]
    return [tuple(rng.randrange(256) for _ in range(3)) for _ in range(size)]


def _flags(palette: list[tuple[int, ...]]) -> int:
    return 0x80 | len(palette).bit_length() - 2 if palette else 0


def _packed(palette: list[tuple[int, ...]]) -> bytes:
    return bytes(value for entry in palette for value in entry)


def _colour(palette: list[tuple[int, ...]], index: int) -> Pixel:
    """Return a colour; an index beyond the palette is black, as in browsers."""
    red, green, blue = palette[index] if index < len(palette) else (0, 0, 0)
    return red, green, blue, 255


def _codes(indices: list[list[int]], interlaced: bool) -> bytes:
    """Return the pixels uncompressed: codes of eight bits are bytes, if the table is cleared before it grows."""
    if interlaced:
        indices = [row for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for row in indices[start::step]]
    flat = bytes(index for row in indices for index in row)
    codes = b"".join(b"\x80" + flat[at : at + 100] for at in range(0, len(flat), 100)) + b"\x81"
    blocks = (codes[at : at + 255] for at in range(0, len(codes), 255))
    return b"\x07" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\x00"
