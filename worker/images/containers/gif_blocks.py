"""GIF blocks, and the frames that they describe (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import CorruptImage, Truncated
from worker.images.containers.stored_frame import KEPT, MASK, TO_BACKGROUND, TO_PREVIOUS, StoredFrame

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION, _CONTROL = 0xFF, 0xF9
_CONTROL_LENGTH: Final = 8
_SMALLEST: Final = 14
"""Bytes of the smallest frame: its descriptor, the size of its codes, one code, and their end."""
_LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_DISPOSALS: Final = {2: TO_BACKGROUND, 3: TO_PREVIOUS, 4: TO_PREVIOUS}
"""By the bits of a control extension; browsers take 4 as 3, because some encoders wrote it."""
_PALETTE: Final = 3 * 256
_FULL_PALETTE: Final = 0x87
_OWN_PALETTE_AND_ITS_SIZE: Final = 0x87
CUT_OFF: Final = "The GIF ends before its picture does: the upload stopped early. Upload the whole file again."
_FOREVER: Final = 0
_ONCE: Final = 1


def stored_frames(data: bytes) -> Iterator[StoredFrame]:
    """Yield the frames.

    Raises:
        Truncated: The file ends within a block, or before the frame that a block is about.
        CorruptImage: A block of an unknown kind.
    """
    control = b""
    for kind, start, stop in _blocks(data):
        if kind == _EXTENSION and data[start + 1] == _CONTROL and stop - start >= _CONTROL_LENGTH:
            control = data[start:stop]
        elif kind == _IMAGE:
            yield _frame(data, control, start, stop)
            control = b""
    if control and not has_end_mark(data):
        raise Truncated(CUT_OFF)


def _frame(data: bytes, control: bytes, start: int, stop: int) -> StoredFrame:
    left, top, width, height, flags = struct.unpack_from("<4HB", data, start + 1)
    pixels = start + 10 + _palette(flags)
    palette = data[start + 10 : pixels] if flags & 0x80 else data[_HEAD : _HEAD + _palette(data[10])]
    # With its palette as the only one, at full length: Pillow takes a short ramp of greys for no palette at all, and an
    # index beyond a palette is black in browsers.
    head = data[:6] + struct.pack("<HHBBB", width, height, _FULL_PALETTE, 0, 0) + palette.ljust(_PALETTE, b"\x00")
    box = struct.pack("<4HB", 0, 0, width, height, flags & ~_OWN_PALETTE_AND_ITS_SIZE)
    return StoredFrame(
        left,
        top,
        width,
        height,
        delay=int.from_bytes(control[4:6], "little") * 10,
        disposal=_DISPOSALS.get(control[3] >> 2 & 7, KEPT) if control else KEPT,
        drawing=MASK,
        transparent=bool(control and control[3] & 1),
        pieces=(head + control + b"," + box, memoryview(data)[pixels:stop], b";"),
    )


def plays(data: bytes) -> int:
    """Return how often the animation is played: GIF counts repetitions, other formats plays; gif2webp adds one too."""
    for kind, start, stop in _blocks(data):
        if kind == _EXTENSION and data[start + 1] == _APPLICATION and data[start + 3 : start + 14] in _LOOPS:
            repetitions = int.from_bytes(data[start + 16 : start + 18], "little")
            if stop >= start + 19:
                return repetitions + 1 if repetitions else _FOREVER
    return _ONCE


def has_end_mark(data: bytes) -> bool:
    """Whether a trailer follows the last block at once."""
    end = max((stop for _, _, stop in _blocks(data)), default=_HEAD + _palette(data[10]))
    return data[end : end + 1] == bytes([_TRAILER])


def _blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the kind of each block before the trailer, and where it starts and ends.

    The file may end after any block, with zero bytes or too few others to hold a frame: no pixel is missing then.
    """
    try:
        at = _HEAD + _palette(data[10])
        while at < len(data) and (kind := data[at]) != _TRAILER:
            if kind == _EXTENSION:
                stop = _skip(data, at + 2)
            elif kind == _IMAGE:
                stop = _skip(data, at + 11 + _palette(data[at + 9]))
            elif len(data) - at < _SMALLEST or data[at:].strip(b"\x00") in (b"", b";"):
                return
            else:
                raise CorruptImage("The GIF was damaged on its way. Upload the original again.")
            yield kind, at, stop
            at = stop
    except IndexError:
        raise Truncated(CUT_OFF) from None


def _palette(flags: int) -> int:
    """Return the bytes of the palette that a screen or a frame with these flags has."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip(data: bytes, at: int) -> int:
    """Return the end of the chain of sub-blocks that starts at `at`."""
    while size := data[at]:
        at += size + 1
    return at + 1
