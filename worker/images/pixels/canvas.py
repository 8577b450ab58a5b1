"""Composes the frames of GIF and APNG (https://www.w3.org/TR/png-3/#apng-frame-based-animation)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from worker.images.containers.stored_frame import BLEND, KEPT, MASK, TO_PREVIOUS

Box = tuple[int, int, int, int]
"""Left, top, right and bottom."""

if TYPE_CHECKING:
    from worker.images.containers.stored_frame import StoredFrame


class Canvas:
    """What an animation shows: transparent at first, then changed by one frame after the other.

    Args:
        size: In pixels.
        mode: `RGBA`, or `LA` for an animation in grey; `RGB` or `L` if no pixel of it is ever transparent.
    """

    def __init__(self, size: tuple[int, int], mode: str) -> None:
        self._canvas = Image.new(mode, size)
        self._before: tuple[Image.Image | tuple[int, ...], Box] | None = None
        self._clear = True

    def show(self, frame: StoredFrame, picture: Image.Image) -> Image.Image:
        """Dispose of the last frame and draw this one; the canvas that is returned is valid until the next call.

        `picture` has 8 bits per channel.
        """
        canvas = self._canvas
        if self._before:
            canvas.paste(*self._before)
            self._before = None  # Frees it before the next is taken.
        left, top = min(frame.left, canvas.width), min(frame.top, canvas.height)
        box = (left, top, min(left + frame.width, canvas.width), min(top + frame.height, canvas.height))
        self._before = _before(canvas, frame.disposal, box)
        if picture.size != (box[2] - left, box[3] - top):
            picture = picture.crop((0, 0, box[2] - left, box[3] - top))
        if frame.drawing == BLEND and picture.mode in ("LA", "RGBA") and not self._clear:
            # To the same mode, `convert` would copy.
            picture = picture if picture.mode == canvas.mode else picture.convert(canvas.mode)
            picture = Image.alpha_composite(canvas.crop(box), picture)
        mask = picture if frame.drawing == MASK and picture.mode in ("LA", "RGBA") else None
        canvas.paste(picture, box, mask)
        self._clear = False
        return canvas


def _before(canvas: Image.Image, disposal: int, box: Box) -> tuple[Image.Image | tuple[int, ...], Box] | None:
    """Return what to paste when the frame in `box` is disposed of."""
    if disposal == KEPT:
        return None
    return (canvas.crop(box) if disposal == TO_PREVIOUS else (0,) * len(canvas.mode)), box
