"""HEIC: libheif reads its header, through pillow-heif's own API.

No plugin is registered with Pillow: nothing global changes, and no other format can end up here.
"""

from __future__ import annotations

import pillow_heif

from worker.images.containers.boxes import check_complete
from worker.images.header import Header
from worker.images.metadata import read_exif
from worker.images.translation import translated


def open_picture(payload: bytes) -> pillow_heif.HeifImage:
    """Open the primary picture, to be decoded with 8 bits per channel whatever the file has."""
    file = pillow_heif.open_heif(payload, convert_hdr_to_8bit=True)
    return file[file.primary_index]


def read(data: bytes) -> Header:
    """Read the header.

    No orientation remains: libheif applies `irot` and `imir`, and EXIF's is ignored, as ISO/IEC 23008-12 demands.

    Raises:
        Truncated: A box reaches beyond the file.
        CorruptImage: libheif does not take it.
    """
    check_complete(data, "HEIC")
    with translated("HEIC"):
        picture = open_picture(data)
        width, height = picture.size
    tags = read_exif(picture.info.get("exif") or b"")
    return Header(
        "HEIF",
        width,
        height,
        picture.mode,
        data,
        transparent=picture.mode.lower().endswith("a"),
        icc=picture.info.get("icc_profile"),
        artist=tags.artist,
        copyright=tags.copyright,
    )
