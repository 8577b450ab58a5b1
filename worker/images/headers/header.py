"""What a file says about its picture before any pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from worker.images.containers.exif import Exif

MAX_PROFILE: Final = 4 * 1024 * 1024
"""Bytes of a colour profile that is still looked at; the largest in use, for printing presses, have 2 to 3 million."""


@dataclass(frozen=True)
class Header:
    """Facts from the header, and the bytes that the decoder is given.

    Attributes:
        format: Pillow's name of the format, such as `JPEG`.
        width: As stored, in pixels, before the orientation is applied.
        height: As stored, in pixels.
        mode: Pillow's mode that the decoder yields: it decides how many bytes a pixel takes.
        depth: Bits per channel in the file.
        inverted: Whether the decoder leaves 0 as white.
        payload: The file without what decoding does not need. Metadata never reaches a decoder, so neither a bomb in
            it nor a defect can do anything there.
        rest: What follows the payload, seen in the source file's own memory rather than copied.
        transparent: Whether anything may be seen through.
        frames: How many pictures an animation has; 1 for a still one.
        first_frame: Index of the first frame of the animation; 1 where a default image precedes it (APNG).
        plays: How often an animation is played in all; 0 is forever.
        orientation: The EXIF orientation that remains to be applied, 1 to 8.
        icc: The embedded colour profile.
        exif: The fields of the EXIF block that are read; AVIF and HEIC ignore its orientation.
        buffers: Bytes that the decoder needs besides the picture itself.
        notes: What was ignored, for the manifest.
    """

    format: str
    width: int
    height: int
    mode: str
    payload: bytes = field(repr=False)
    rest: memoryview = field(default=memoryview(b""), repr=False, kw_only=True)
    depth: int = 8
    inverted: bool = False
    transparent: bool = False
    frames: int = 1
    first_frame: int = 0
    plays: int = 0
    orientation: int = 1
    icc: bytes | None = field(default=None, repr=False)
    exif: Exif = field(default_factory=Exif)
    buffers: int = 0
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as stored."""
        return self.width, self.height

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height as a person sees them."""
        return self.swap_axes(self.size)

    def swap_axes(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return a stored size as upright, and an upright size as stored."""
        return (size[1], size[0]) if self.orientation >= 5 else size  # noqa: PLR2004 - EXIF: 5 to 8 swap the axes.
