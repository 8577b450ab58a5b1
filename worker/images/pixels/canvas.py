"""Composes the frames of GIF and APNG (https://www.w3.org/TR/png-3/#apng-frame-based-animation)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from worker.images.containers.stored_frame import TO_BACKGROUND, TO_PREVIOUS

if TYPE_CHECKING:
    from worker.images.containers.stored_frame import StoredFrame


class Canvas:
    """What an animation shows: transparent at first, then changed by one frame after the other.

    Args:
        size: In pixels.
        mode: `RGBA`, or `LA` for an animation in grey.
    """

    def __init__(self, size: tuple[int, int], mode: str) -> None:
        self._canvas = Image.new(mode, size)

    def show(self, frame: StoredFrame, picture: Image.Image) -> Image.Image:
        """Draw a frame, return a copy of the canvas, and dispose of the frame; `picture` is in 8 bits per channel."""
        canvas = self._canvas
        left, top = min(frame.left, canvas.width), min(frame.top, canvas.height)
        box = (left, top, min(left + frame.width, canvas.width), min(top + frame.height, canvas.height))
        before = canvas.crop(box) if frame.disposal == TO_PREVIOUS else None
        if picture.size != (box[2] - left, box[3] - top):
            picture = picture.crop((0, 0, box[2] - left, box[3] - top))
        if frame.over and picture.mode in ("LA", "RGBA"):
            picture = Image.alpha_composite(canvas.crop(box), picture.convert(canvas.mode))
        canvas.paste(picture.convert(canvas.mode), box)
        shown = canvas.copy()
        if before is not None:
            canvas.paste(before, box)
        elif frame.disposal == TO_BACKGROUND:
            canvas.paste((0,) * len(canvas.mode), box)
        return shown
