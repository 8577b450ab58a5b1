"""GIF blocks, and the frames that they describe (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import CorruptImage, Truncated

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
class StoredFrame:
    """One frame as stored: a rectangle of the canvas.

    Attributes:
        left: Pixels from the canvas's left side.
        top: Pixels from the canvas's top.
        width: In pixels.
        height: In pixels.
        delay: In milliseconds.
        disposal: What happens to the rectangle before the next frame: `TO_BACKGROUND`, `TO_PREVIOUS`, or it stays.
        control: The graphic control extension, which has the transparent index; may be empty.
        image: The bytes from the local palette, if any, to the end of the pixels.
        flags: Of the image descriptor: local palette, interlacing.
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
        """Whether one palette index is transparent: its pixels do not change the canvas."""
        return bool(self.control and self.control[3] & 1)

    def covers(self, size: tuple[int, int]) -> bool:
        """Whether the frame covers the whole canvas."""
        return (self.left, self.top) == (0, 0) and self.width >= size[0] and self.height >= size[1]

    def file(self, data: bytes) -> bytes:
        """Return a GIF file of this frame alone; `data` is the file that the frame is from."""
        screen = struct.pack("<HH", self.width, self.height)
        box = struct.pack("<4HB", 0, 0, self.width, self.height, self.flags)
        palette = data[10 : _HEAD + _palette(data[10])]
        return b"".join([data[:6], screen, palette, self.control, b",", box, self.image, b";"])


def stored_frames(data: bytes) -> Iterator[StoredFrame]:
    """Yield the frames.

    Raises:
        Truncated: No trailer.
        CorruptImage: A block of an unknown kind.
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
            yield StoredFrame(left, top, width, height, delay, disposal, control, image, flags)
            control = b""


def plays(data: bytes) -> int:
    """Return how often the animation is played: GIF counts repetitions, other formats plays; gif2webp adds one too."""
    for kind, start, stop in _blocks(data):
        if kind == _EXTENSION and data[start + 1] == _APPLICATION and data[start + 3 : start + 14] == b"NETSCAPE2.0":
            repetitions = int.from_bytes(data[start + 16 : start + 18], "little")
            if stop >= start + 19:
                return repetitions + 1 if repetitions else _FOREVER
    return _ONCE


def _blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the kind of each block before the trailer, and where it starts and ends."""
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
    """Return the end of the chain of sub-blocks that starts at `at`."""
    while size := data[at]:
        at += size + 1
    return at + 1
