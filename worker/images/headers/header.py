"""What a file states about its picture, before a pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from worker.images.containers.exif import Exif

MAX_PROFILE: Final = 4 * 1024 * 1024
"""Bytes; a larger colour profile is ignored. The largest in use, for printing presses, have 2 to 3 million."""


@dataclass(frozen=True)
class Header:
    """Facts from the file's header, and the bytes that the decoder gets.

    Attributes:
        format: Pillow's name of the format, such as `JPEG`.
        width: As stored, in pixels, before the orientation is applied.
        height: As stored, in pixels.
        mode: Mode of the picture that Pillow decodes; it decides how many bytes a pixel takes.
        depth: Bits per channel in the file.
        inverted: Whether 0 is white in the decoded pixels.
        payload: The parts of the file that decoding needs. Metadata never reaches a decoder, so that neither a
            decompression bomb in it nor a defect has an effect there.
        rest: What follows the payload, as a view of the source file's memory instead of a copy.
        transparent: Whether any pixel may be transparent.
        frames: Number of frames of an animation; 1 for a still picture.
        plays: How often an animation is played in total; 0 is forever.
        orientation: The orientation that remains to be applied, 1 to 8 as in EXIF.
        icc: The embedded colour profile.
        exif: The fields that are read of the EXIF block; for AVIF and HEIC its orientation is ignored.
        buffers: Bytes that the decoder needs besides the picture.
        notes: Codes of `worker.contracts.notes`, for the manifest.
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
        """Width and height after the orientation is applied."""
        return self.swap_axes(self.size)

    def swap_axes(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the upright size for a stored size, and the other way round."""
        return (size[1], size[0]) if self.orientation >= 5 else size  # noqa: PLR2004 - EXIF: 5 to 8 swap the axes.
