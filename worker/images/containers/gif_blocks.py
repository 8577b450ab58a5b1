"""GIF blocks (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.errors import CorruptImage, Truncated

if TYPE_CHECKING:
    from collections.abc import Iterator

TO_BACKGROUND: Final = 2
TO_PREVIOUS: Final = 3

_HEAD: Final = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION, _CONTROL = 0xFF, 0xF9
_FOREVER: Final = 0
_ONCE: Final = 1


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


def plays(data: bytes) -> int:
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
