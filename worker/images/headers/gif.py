"""GIF headers (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""

from __future__ import annotations

from itertools import islice
from typing import Final

from worker.contracts.errors import CorruptImage, TooLarge, Truncated
from worker.contracts.notes import NO_END_MARK
from worker.images.containers.gif_blocks import CUT_OFF, has_end_mark, plays, stored_frames
from worker.images.containers.stored_frame import StoredFrame, survey
from worker.images.headers.header import Header

MAX_FRAMES: Final = 20_000
"""A quarter of an hour at 25 frames per second."""


def read(data: bytes) -> Header:
    """Read every block up to the trailer, or to the end of a file without one.

    The canvas is the logical screen, enlarged where the first frame reaches beyond it, as browsers do.

    Raises:
        Truncated: The file ends within a block.
        CorruptImage: A block of an unknown kind, no frame, or a frame with a side of zero.
        TooLarge: More than `MAX_FRAMES` frames.
    """
    first = next(stored_frames(data), None)
    if first is None and not has_end_mark(data):
        raise Truncated(CUT_OFF)
    if first is None:
        raise CorruptImage("The GIF holds no picture. Save the picture again and upload it.")
    width = max(int.from_bytes(data[6:8], "little"), first.left + first.width)
    height = max(int.from_bytes(data[8:10], "little"), first.top + first.height)
    found = survey((width, height), map(_with_a_size, islice(stored_frames(data), MAX_FRAMES + 1)))
    if found.frames > MAX_FRAMES:
        raise TooLarge(f"The GIF has more than {MAX_FRAMES:,} frames. Upload a shorter one.")
    whole = found.frames == 1 and first.covers((width, height))
    return Header(
        "GIF",
        width,
        height,
        "P" if whole else "RGBA",
        data,
        transparent=found.clear,
        frames=found.frames,
        plays=plays(data),
        buffers=0 if whole else found.buffers,
        notes=() if has_end_mark(data) else (NO_END_MARK,),
    )


def _with_a_size(frame: StoredFrame) -> StoredFrame:
    if not frame.width or not frame.height:
        raise CorruptImage("The GIF has a frame without a size. Save the picture again and upload it.")
    return frame
