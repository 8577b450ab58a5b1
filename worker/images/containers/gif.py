"""GIF (https://www.w3.org/Graphics/GIF/spec-gif89a.txt): blocks, walked to count the frames and to find the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from worker.errors import CorruptImage, TooLarge, Truncated
from worker.images.header import Header

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_APPLICATION, _CONTROL = 0xFF, 0xF9
_FOREVER: Final = 0
_ONCE: Final = 1
_CANVASES: Final = 8  # Bytes per pixel: the canvas so far and what the next frame disposes to.

MAX_AREA: Final = 89_478_485
"""Pixels of the canvas and of all frames laid out on it: Pillow's plugin calls more a bomb, through a warning."""


@dataclass
class _Walk:
    """What the walk over the blocks has seen so far."""

    width: int
    height: int
    reach: tuple[int, int] = (0, 0)
    frames: int = 0
    plays: int = _ONCE
    transparent: bool = False


def read(data: bytes) -> Header:
    """Walk every block to the trailer.

    The canvas is the logical screen, made larger by the first frame where that sticks out.

    Raises:
        Truncated: No trailer.
        CorruptImage: A block that no GIF has, no frame, or a size of zero.
    """
    walk = _Walk(int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    try:
        _walk(data, walk)
    except IndexError:
        raise Truncated("The GIF has no end mark: the upload stopped early. Upload the whole file again.") from None
    if not walk.frames or not walk.width or not walk.height:
        raise CorruptImage("The GIF holds no picture. Save the picture again and upload it.")
    area = max(walk.width, walk.reach[0]) * max(walk.height, walk.reach[1])
    if area > MAX_AREA:
        raise TooLarge(f"The GIF's canvas has {area:,} pixels; at most {MAX_AREA:,} are taken. Save it smaller.")
    return Header(
        "GIF",
        walk.width,
        walk.height,
        "RGBA" if walk.transparent else "RGB" if walk.frames > 1 else "P",
        data,
        transparent=walk.transparent,
        frames=walk.frames,
        plays=walk.plays,
        buffers=_CANVASES * area if walk.frames > 1 else 0,
    )


def _walk(data: bytes, walk: _Walk) -> None:
    at = 13 + _palette(data[10])
    while (block := data[at]) != _TRAILER:
        if block == _EXTENSION:
            _read_extension(data, at, walk)
            at = _skip(data, at + 2)
        elif block == _IMAGE:
            _read_image(data, at, walk)
            at = _skip(data, at + 11 + _palette(data[at + 9]))
        else:
            raise CorruptImage("The GIF was damaged on its way. Upload the original again.")


def _palette(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip(data: bytes, at: int) -> int:
    """Return where the chain of sub-blocks that starts at `at` has ended."""
    while size := data[at]:
        at += size + 1
    return at + 1


def _read_extension(data: bytes, at: int, walk: _Walk) -> None:
    if data[at + 1] == _CONTROL:
        walk.transparent |= bool(data[at + 3] & 1)
    elif data[at + 1] == _APPLICATION and data[at + 3 : at + 14] == b"NETSCAPE2.0" and data[at + 14] >= 3:  # noqa: PLR2004
        # GIF counts repetitions, everything else counts plays; gif2webp makes the same step.
        repetitions = int.from_bytes(data[at + 16 : at + 18], "little")
        walk.plays = repetitions + 1 if repetitions else _FOREVER


def _read_image(data: bytes, at: int, walk: _Walk) -> None:
    left, top, width, height = (int.from_bytes(data[at + step : at + step + 2], "little") for step in (1, 3, 5, 7))
    walk.reach = max(walk.reach[0], left + width), max(walk.reach[1], top + height)
    if not walk.frames:
        walk.width, walk.height = max(walk.width, walk.reach[0]), max(walk.height, walk.reach[1])
    walk.frames += 1
