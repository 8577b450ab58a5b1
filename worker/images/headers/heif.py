"""HEIC headers, read by libheif through pillow-heif.

No plugin is registered with Pillow: that would change global state, and let other formats reach libheif.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from worker.images.containers.boxes import check_complete
from worker.images.containers.exif import read_exif
from worker.images.headers.header import Header
from worker.images.translation import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pillow_heif

_BYTE: Final = 8
_DEEP: Final = 16
_CHROMA: Final = {420: 2, 422: 2}
_FIXED: Final = 1
"""Bytes per pixel that libheif needs in any case; measured by `bench.memory`."""
_PER_PLANE: Final = 2
"""Bytes per pixel that it needs for each byte of its planes, to decode and to convert them; measured too."""


def open_picture(payload: bytes) -> pillow_heif.HeifImage:
    """Open the primary picture, to be decoded to 8 bits per channel."""
    import pillow_heif  # noqa: PLC0415 - few pictures are HEIC; without it a cold start is a tenth shorter.

    file = pillow_heif.open_heif(payload, convert_hdr_to_8bit=True)
    return file[file.primary_index]


def read(data: bytes) -> Header:
    """Read the header.

    No orientation remains to be applied: libheif applies `irot` and `imir`, and EXIF's is ignored, as ISO/IEC 23008-12
    requires.

    Raises:
        Truncated: A box reaches beyond the file.
        CorruptImage: libheif cannot read it.
    """
    check_complete(data, "HEIC")
    with translated("HEIC"):
        picture = open_picture(data)
        width, height = picture.size
    info: dict[str, Any] = picture.info
    return Header(
        "HEIF",
        width,
        height,
        picture.mode,
        data,
        # What libheif hands over as 16 bits it has scaled to 16 bits.
        depth=_DEEP if picture.mode.startswith("I;16") else info["bit_depth"],
        transparent=picture.mode.lower().endswith("a"),
        icc=info.get("icc_profile"),
        exif=read_exif(info.get("exif") or b""),
        buffers=width * height * (_FIXED + _PER_PLANE * _planes(picture.mode, info)),
    )


def _planes(mode: str, info: Mapping[str, Any]) -> int:
    """Return the bytes per pixel of the planes that libde265 decodes, rounded up."""
    channels = 1 if mode in ("L", "I;16") else _CHROMA.get(info.get("chroma", 444), 3) + mode.lower().endswith("a")
    return channels * (2 if info["bit_depth"] > _BYTE else 1)
