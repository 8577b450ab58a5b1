"""One frame of an animation as GIF and APNG store it: a rectangle of the canvas, and a file of that rectangle alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

KEPT: Final = 0
TO_BACKGROUND: Final = 1
TO_PREVIOUS: Final = 2
"""What happens to a frame's rectangle before the next frame: it stays, is cleared, or becomes what it was before."""

REPLACE: Final = 0
MASK: Final = 1
BLEND: Final = 2
"""How a frame is drawn: it replaces its rectangle, transparency included; its pixels are opaque or leave the canvas as it is;
or each is drawn over the canvas by its alpha."""

_CANVAS: Final = 4
"""Bytes per pixel of the canvas."""
_DRAWN: Final = 6
"""Bytes per pixel of a frame that is put back what was before it. Those that it takes to blend are free again before the
canvas is resampled, which takes more."""


@dataclass(frozen=True)
class StoredFrame:
    """One frame as stored.

    Attributes:
        left: Pixels from the canvas's left side.
        top: Pixels from the canvas's top.
        width: In pixels.
        height: In pixels.
        delay: In milliseconds.
        disposal: `KEPT`, `TO_BACKGROUND` or `TO_PREVIOUS`.
        drawing: `REPLACE`, `MASK` or `BLEND`.
        transparent: Whether any of its own pixels may be transparent.
        pieces: A still picture in the animation's format; one after the other they are its file.
    """

    left: int
    top: int
    width: int
    height: int
    delay: int
    disposal: int
    drawing: int
    transparent: bool
    pieces: tuple[bytes | memoryview, ...] = field(repr=False)

    def covers(self, size: tuple[int, int]) -> bool:
        """Whether the frame covers the whole canvas."""
        return (self.left, self.top) == (0, 0) and self.width >= size[0] and self.height >= size[1]


@dataclass(frozen=True)
class Survey:
    """What the frames of an animation have in common.

    Attributes:
        frames: Number of frames.
        clear: Whether any pixel of the canvas may be transparent at any time.
        buffers: Bytes that it takes to compose the frames, besides the picture that is shown.
    """

    frames: int
    clear: bool
    buffers: int


def survey(size: tuple[int, int], stored: Iterable[StoredFrame]) -> Survey:
    """Look at the frames on a canvas of `size`, one at a time: thousands would take memory."""
    count, largest, clear = 0, 0, False
    for frame in stored:
        largest = max(largest, frame.width * frame.height)
        clear |= frame.transparent or frame.disposal != KEPT or not (count or frame.covers(size))
        count += 1
    return Survey(count, clear, _CANVAS * size[0] * size[1] + _DRAWN * largest)
