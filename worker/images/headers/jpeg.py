"""JPEG headers (ITU-T T.81, annex B).

What cameras append after the end mark (previews, depth maps, a video) is not read.
"""

from __future__ import annotations

from typing import Final

from worker.contracts.errors import CorruptImage, Truncated, UnsupportedFormat
from worker.contracts.notes import NO_END_MARK
from worker.images.containers.exif import read_exif
from worker.images.containers.jpeg_segments import end_of_scans, segments
from worker.images.headers.header import MAX_PROFILE, Header

_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_DECODABLE: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_PROGRESSIVE: Final = frozenset({0xC2, 0xCA})
_JFIF, _EXIF, _ICC, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_MODES: Final = {1: "L", 3: "RGB", 4: "CMYK"}
_BITS: Final = 8
_BLOCK: Final = 8
_COEFFICIENTS: Final = 128
"""Bytes of one block of 8 x 8 coefficients."""
_JFIF_BYTES: Final = 14
_ICC_PREFIX: Final = b"ICC_PROFILE\x00"


def read(data: bytes) -> Header:
    """Read the segments before the first scan and keep those that decoding needs; the scans are not copied.

    Of the metadata only the JFIF and Adobe segments reach the decoder: they state the colour space.

    Raises:
        Truncated: No first scan, or several and no end mark after them.
        UnsupportedFormat: 12 bits, lossless, hierarchical, or not 1, 3 or 4 channels.
        CorruptImage: No frame header, two of them, or a size of zero.
    """
    frame, progressive, exif, profile = b"", False, b"", []
    kept = [data[:2]]
    for marker, start, end in segments(data):
        segment = data[start + 2 : end]
        if marker in _FRAMES:
            if frame:
                raise CorruptImage("The JPEG has two frame headers. Save the picture again and upload it.")
            if marker not in _DECODABLE:
                raise _unsupported()
            frame, progressive = segment, marker in _PROGRESSIVE
        elif marker == _EXIF and not exif and segment.startswith(b"Exif\x00"):
            exif = segment
        elif marker == _ICC and segment.startswith(_ICC_PREFIX):
            profile.append(memoryview(data)[start + 2 + len(_ICC_PREFIX) : end])
        # libjpeg ignores a JFIF segment that is too short for its fields; Pillow fails on it.
        if marker < _JFIF or marker == _ADOBE or (marker == _JFIF and len(segment) >= _JFIF_BYTES):
            kept += [b"\xff", bytes([marker]), data[start:end]]
    width, height, mode = _frame_facts(frame)
    tags = read_exif(exif)
    buffered = progressive or (bool(segment) and segment[0] < frame[5])
    marked = end_of_scans(data, end)
    if marked is None and buffered:  # Of several scans nobody knows how many there should be.
        raise Truncated("The JPEG has no end mark: the upload stopped early. Upload the whole file again.")
    scans = memoryview(data)[end:marked]
    return Header(
        "JPEG",
        width,
        height,
        mode,
        b"".join(kept),
        rest=scans,
        orientation=tags.orientation,
        icc=_join_profile(profile),
        exif=tags,
        buffers=_coefficient_bytes(frame) if buffered else 0 if marked else width * height * len(mode),
        notes=() if marked else (NO_END_MARK,),
    )


def _frame_facts(frame: bytes) -> tuple[int, int, str]:
    if len(frame) < 6 or len(frame) < 6 + 3 * frame[5]:  # noqa: PLR2004 - precision, height, width, count.
        raise CorruptImage("The JPEG has no frame header. Save the picture again and upload it.")
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    if not width or not height:
        raise CorruptImage("The JPEG's header states no size. Save the picture again and upload it.")
    if frame[0] != _BITS or frame[5] not in _MODES:
        raise _unsupported()
    return width, height, _MODES[frame[5]]


def _unsupported() -> UnsupportedFormat:
    return UnsupportedFormat(
        "The JPEG is of a rare kind (12 bits, lossless or hierarchical) that browsers cannot show either; "
        "save it as an ordinary JPEG and upload it again."
    )


def _coefficient_bytes(frame: bytes) -> int:
    """Return the bytes of all coefficients, which libjpeg keeps if a picture has several scans.

    `jdcoefct.c` allocates them for all channels at once, and for the full size whatever scale is decoded.
    """
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    factors = [(max(1, frame[at] >> 4), max(1, frame[at] & 15)) for at in range(7, 6 + 3 * frame[5], 3)]
    across, down = max(h for h, _ in factors), max(v for _, v in factors)
    columns, rows = -(-width // (_BLOCK * across)), -(-height // (_BLOCK * down))
    return sum(columns * h * rows * v for h, v in factors) * _COEFFICIENTS


def _join_profile(parts: list[memoryview]) -> bytes | None:
    """Join the parts of a profile by their sequence numbers (ICC.1, annex B.4); b"" if parts are missing."""
    parts = sorted((part for part in parts if len(part) > 2), key=lambda part: part[0])  # noqa: PLR2004 - number and count.
    if not parts:
        return None
    if parts[0][1] != len(parts) or sum(map(len, parts)) > MAX_PROFILE:
        return b""
    return b"".join(part[2:] for part in parts)
