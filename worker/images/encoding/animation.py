"""Animations, one frame in memory at a time wherever the encoder allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.images.pixels.frames import Frame


class Animation(Image.Image):
    """An animation as Pillow's encoders walk it: `seek` renders the next frame when it is asked for.

    Encoders take either all frames as a list or one picture that can `seek`; only this keeps a single frame in memory.

    Args:
        frames: How many there are.
        start: Returns a function from a frame's index to the finished frame and its duration in milliseconds, whose
            indices only grow; called again when an encoder goes back to the start.
    """

    is_animated = True

    def __init__(self, frames: int, start: Callable[[], Callable[[int], Frame]]) -> None:
        super().__init__()
        self.n_frames = frames
        self.durations = [0] * frames
        self._start = start
        self._render = start()
        self._show(0)

    def seek(self, frame: int) -> None:
        """Make `frame` the current one: the next, or the first again."""
        if frame >= self.n_frames:
            raise EOFError
        if frame < self._position:
            self._render = self._start()
        if frame != self._position:
            self._show(frame)

    def tell(self) -> int:
        """Return the number of the current frame."""
        return self._position

    def _show(self, frame: int) -> None:
        self._position = frame
        image, self.durations[frame] = self._render(frame)
        self.im = image.im
        self._mode, self._size = image.mode, image.size
