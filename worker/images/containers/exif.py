"""EXIF blocks: three fields are read, two of them can be written, everything else is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from worker.images.containers import ifd

FIELDS: Final = frozenset({ifd.ORIENTATION, ifd.ARTIST, ifd.COPYRIGHT})
"""The tags that are read."""

_PREFIX: Final = b"Exif\x00\x00"
_ASCII: Final = 2
_ORIENTATIONS: Final = range(1, 9)


@dataclass(frozen=True)
class Exif:
    """The fields that are read of an EXIF block. A damaged field counts as missing, as in a browser."""

    orientation: int = 1
    artist: bytes = b""
    copyright: bytes = b""


def read_exif(block: bytes) -> Exif:
    """Read an EXIF block, with or without the prefix `Exif` that JPEG, some PNG and some WebP files put before it."""
    while block.startswith(_PREFIX):
        block = block[len(_PREFIX) :]
    return exif_of(ifd.read_directory(block, FIELDS)) if block[:2] in (b"II", b"MM") else Exif()


def exif_of(directory: ifd.Directory) -> Exif:
    """Take the fields from a directory that has been read, such as that of a TIFF file."""
    orientation = directory.integer(ifd.ORIENTATION, 1)
    return Exif(
        orientation if orientation in _ORIENTATIONS else 1,
        directory.text(ifd.ARTIST),
        directory.text(ifd.COPYRIGHT),
    )


def write_exif(exif: Exif) -> bytes:
    """Return an EXIF block of artist and copyright only; no bytes if both are empty."""
    fields = {ifd.ARTIST: exif.artist, ifd.COPYRIGHT: exif.copyright}
    entries = {tag: ifd.Entry(_ASCII, len(text) + 1, text + b"\x00", "<") for tag, text in fields.items() if text}
    if not entries:
        return b""
    head = b"II*\x00\x08\x00\x00\x00"
    return _PREFIX + head + ifd.write_directory(entries, base=len(head))
