"""GIF headers (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""

from __future__ import annotations

from itertools import islice
from typing import Final

from worker.contracts.errors import CorruptImage, TooLarge
from worker.images.containers.gif_blocks import TO_BACKGROUND, plays, stored_frames
from worker.images.headers.header import Header

MAX_FRAMES: Final = 20_000
"""A quarter of an hour at 25 frames per second."""
_CANVASES: Final = 8
"""Bytes per pixel of the canvas and of its copy that a frame is disposed to."""
_DRAWN: Final = 9
"""Bytes per pixel of a frame: as palette indices, as RGBA, and as RGBA on the canvas."""


def read(data: bytes) -> Header:
    """Read every block up to the trailer.

    The canvas is the logical screen, enlarged where the first frame reaches beyond it, as browsers do.

    Raises:
        Truncated: No trailer.
        CorruptImage: A block of an unknown kind, no frame, or a frame with a side of zero.
        TooLarge: More than `MAX_FRAMES` frames.
    """
    found = list(islice(stored_frames(data), MAX_FRAMES + 1))
    if not found:
        raise CorruptImage("The GIF holds no picture. Save the picture again and upload it.")
    if len(found) > MAX_FRAMES:
        raise TooLarge(f"The GIF has more than {MAX_FRAMES:,} frames. Upload a shorter one.")
    first = found[0]
    width = max(int.from_bytes(data[6:8], "little"), first.left + first.width)
    height = max(int.from_bytes(data[8:10], "little"), first.top + first.height)
    if not all(frame.width and frame.height for frame in found):
        raise CorruptImage("The GIF has a frame without a size. Save the picture again and upload it.")
    whole = first.covers((width, height))
    clear = not whole or any(frame.transparent or frame.disposal == TO_BACKGROUND for frame in found)
    drawn = max(frame.width * frame.height for frame in found)
    return Header(
        "GIF",
        width,
        height,
        "P" if whole and len(found) == 1 else "RGBA",
        data,
        transparent=clear if len(found) > 1 else first.transparent or not whole,
        frames=len(found),
        plays=plays(data),
        buffers=0 if whole and len(found) == 1 else _CANVASES * width * height + _DRAWN * drawn,
    )
