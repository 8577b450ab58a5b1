"""GIF (https://www.w3.org/Graphics/GIF/spec-gif89a.txt): blocks, walked to find the frames and the end."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from worker.errors import CorruptImage, TooLarge, Truncated
from worker.images.headers.header import Header

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FRAMES: Final = 20_000
"""A quarter of an hour at 25 frames a second."""
TO_BACKGROUND: Final = 2
TO_PREVIOUS: Final = 3

_HEAD: Final = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION, _CONTROL = 0xFF, 0xF9
_FOREVER: Final = 0
_ONCE: Final = 1
_CANVASES: Final = 8  # Bytes per pixel: the canvas so far and what the next frame disposes to.
_DRAWN: Final = 9  # Bytes per pixel of a frame: as indices, as RGBA, and cut to the canvas.


@dataclass(frozen=True)
class Part:
    """One frame as it is in the file: an area of the canvas.

    Attributes:
        left: Of the canvas's left side, in pixels.
        top: Of the canvas's top, in pixels.
        width: In pixels.
        height: In pixels.
        delay: In milliseconds.
        disposal: What becomes of the area before the next frame is drawn.
        control: Its graphic control extension, with the transparent index; may be empty.
        image: From its own palette to the end of its pixels.
        flags: Whether it has a palette and is interlaced.
    """

    left: int
    top: int
    width: int
    height: int
    delay: int
    disposal: int
    control: bytes
    image: memoryview
    flags: int

    @property
    def transparent(self) -> bool:
        """Whether one of its indices leaves the canvas as it is."""
        return bool(self.control and self.control[3] & 1)

    def covers(self, size: tuple[int, int]) -> bool:
        """Whether it reaches over the whole canvas."""
        return (self.left, self.top) == (0, 0) and self.width >= size[0] and self.height >= size[1]

    def file(self, data: bytes) -> bytes:
        """Return a GIF of this frame alone; `data` is the file that it is in."""
        screen = struct.pack("<HH", self.width, self.height)
        box = struct.pack("<4HB", 0, 0, self.width, self.height, self.flags)
        palette = data[10 : _HEAD + _palette(data[10])]
        return b"".join([data[:6], screen, palette, self.control, b",", box, self.image, b";"])


def read(data: bytes) -> Header:
    """Walk every block to the trailer.

    The canvas is the logical screen, made larger by the first frame where that sticks out, as browsers do.

    Raises:
        Truncated: No trailer.
        CorruptImage: A block that no GIF has, no frame, or a size of zero.
        TooLarge: More than `MAX_FRAMES` frames.
    """
    found = list(islice(parts(data), MAX_FRAMES + 1))
    if not found:
        raise CorruptImage("The GIF holds no picture. Save the picture again and upload it.")
    if len(found) > MAX_FRAMES:
        raise TooLarge(f"The GIF has more than {MAX_FRAMES:,} frames. Upload a shorter one.")
    first = found[0]
    width = max(int.from_bytes(data[6:8], "little"), first.left + first.width)
    height = max(int.from_bytes(data[8:10], "little"), first.top + first.height)
    if not all(part.width and part.height for part in found):
        raise CorruptImage("The GIF has a frame without a size. Save the picture again and upload it.")
    whole = first.covers((width, height))
    clear = not whole or any(part.transparent or part.disposal == TO_BACKGROUND for part in found)
    drawn = max(part.width * part.height for part in found)
    return Header(
        "GIF",
        width,
        height,
        "P" if whole and len(found) == 1 else "RGBA",
        data,
        transparent=clear if len(found) > 1 else first.transparent or not whole,
        frames=len(found),
        plays=_plays(data),
        buffers=0 if whole and len(found) == 1 else _CANVASES * width * height + _DRAWN * drawn,
    )


def parts(data: bytes) -> Iterator[Part]:
    """Yield the frames.

    Raises:
        Truncated: No trailer.
        CorruptImage: A block that no GIF has.
    """
    control = b""
    for kind, start, stop in _blocks(data):
        if kind == _EXTENSION and data[start + 1] == _CONTROL:
            control = data[start:stop]
        elif kind == _IMAGE:
            left, top, width, height, flags = struct.unpack_from("<4HB", data, start + 1)
            delay = int.from_bytes(control[4:6], "little") * 10
            disposal = control[3] >> 2 & 7 if control else 0
            image = memoryview(data)[start + 10 : stop]
            yield Part(left, top, width, height, delay, disposal, control, image, flags)
            control = b""


def _plays(data: bytes) -> int:
    """Return how often it is played: GIF counts repetitions, everything else counts plays; gif2webp does the same."""
    for kind, start, stop in _blocks(data):
        if kind == _EXTENSION and data[start + 1] == _APPLICATION and data[start + 3 : start + 14] == b"NETSCAPE2.0":
            repetitions = int.from_bytes(data[start + 16 : start + 18], "little")
            if stop >= start + 19:
                return repetitions + 1 if repetitions else _FOREVER
    return _ONCE


def _blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the kind of each block, and where it starts and ends."""
    try:
        at = _HEAD + _palette(data[10])
        while (kind := data[at]) != _TRAILER:
            if kind == _EXTENSION:
                stop = _skip(data, at + 2)
            elif kind == _IMAGE:
                stop = _skip(data, at + 11 + _palette(data[at + 9]))
            else:
                raise CorruptImage("The GIF was damaged on its way. Upload the original again.")
            yield kind, at, stop
            at = stop
    except IndexError:
        raise Truncated("The GIF has no end mark: the upload stopped early. Upload the whole file again.") from None


def _palette(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip(data: bytes, at: int) -> int:
    """Return where the chain of sub-blocks that starts at `at` has ended."""
    while size := data[at]:
        at += size + 1
    return at + 1
