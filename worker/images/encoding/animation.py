"""Animations for Pillow's encoders, with one frame in memory at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.images.pixels.frames import Frame


class Animation(Image.Image):
    """A picture that renders its next frame when an encoder calls `seek`.

    Pillow's encoders take either a list of all frames or one picture that can `seek`; only the latter needs memory for
    a single frame. (The APNG writer keeps its own copies.)

    Args:
        frames: Number of frames.
        start: Returns a function from a frame's index to the frame; it is called with growing indices. Called again
            when an encoder goes back to the first frame.
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
        """Make `frame` the current one: the next, or the first again.

        Raises:
            EOFError: There is no such frame; Pillow's encoders expect this.
        """
        if frame >= self.n_frames:
            raise EOFError
        if frame < self._position:
            self._render = self._start()
        if frame != self._position:
            self._show(frame)

    def tell(self) -> int:
        """Return the index of the current frame."""
        return self._position

    def _show(self, frame: int) -> None:
        self._position = frame
        image, self.durations[frame] = self._render(frame)
        self.im = image.im
        self._mode, self._size = image.mode, image.size
