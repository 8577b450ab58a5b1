"""TIFF headers (TIFF 6.0, BigTIFF): the first page's directory, rewritten with only the tags that make pixels."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import CorruptImage, Truncated, UnsupportedFormat
from worker.images.containers.exif import FIELDS, exif_of
from worker.images.containers.ifd import MAX_LIST, ORIENTATION, Directory, Entry, read_directory, write_directory
from worker.images.headers.header import MAX_PROFILE, Header

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_OFFSETS, _SAMPLES, _ROWS, _STRIP_BYTES, _PLANES = 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_LENGTH, _TILE_OFFSETS, _TILE_BYTES, _EXTRA, _SAMPLE_FORMAT = 322, 323, 324, 325, 338, 339
_ICC: Final = 34675
_SUBFILE, _SUB_DIRECTORIES, _DNG, _COLOUR_MAP = 254, 330, 50706, 320
_SINGLE: Final = frozenset({256, 257, 259, 262, 266, 277, 278, 284, 292, 293, 317, 322, 323})
_LISTS: Final = frozenset({258, 273, 279, 320, 324, 325, 338, 339, 347, 529, 530, 531, 532})
_NEEDED: Final = _SINGLE | _LISTS | {_ICC, ORIENTATION}
_RAW: Final = frozenset({_SUBFILE, _SUB_DIRECTORIES, _DNG})
_CANON: Final = b"CR"
"""Behind the header of a CR2 (https://exiftool.org/canon_raw.html has its place)."""
_PREVIEW: Final = 1
_COMPRESSIONS: Final = frozenset({1, 2, 3, 4, 5, 7, 8, 32773, 32946})
_WHITE_IS_ZERO, _PALETTE, _CMYK, _YCBCR, _LAB = 0, 3, 5, 6, 8
_DEEP: Final = 16
_BYTE: Final = 8
_SEPARATE: Final = 2
_PLAIN, _JPEG = 1, 7
_SUBSAMPLING, _MOST_DOWN = 530, 2
_MAX_SAMPLES: Final = 6
_WITH_ALPHA: Final = 2
_UNASSOCIATED: Final = 2
_SHORT, _LONG = 3, 4
_LONG8: Final = frozenset({16, 18})
_MAGIC: Final = 42
_CLASSIC: Final = 1 << 32
_OPAQUE: Final = 255
_LISTED: Final = 700
"""Bytes per strip or tile: its numbers, and Pillow's objects for it."""


def read(data: bytes) -> Header:
    """Read the first directory; later pages and private tags do not reach the decoder.

    Raises:
        Truncated: The directory, a tag or the pixels reach beyond the file.
        UnsupportedFormat: 32-bit, signed or floating-point samples, or a layout or compression that Pillow cannot read.
        CorruptImage: No size, or no pixels.
    """
    directory = _with_tiles(read_directory(data, _NEEDED | FIELDS | _RAW))
    _check_no_raw(data, directory)
    width, height = directory.integer(_WIDTH, 0), directory.integer(_LENGTH, 0)
    _check_complete(data, directory)
    if width < 1 or height < 1:
        raise CorruptImage("The TIFF's directory states no size. Save the picture again and upload it.")
    mode = _mode(directory)
    tags = exif_of(directory)
    icc = directory.entries.get(_ICC)
    return Header(
        "TIFF",
        width,
        height,
        mode,
        _rewrite(data, directory),
        depth=max(directory.integers(_BITS, (1,))),
        inverted=mode == "I;16" and directory.integer(_PHOTOMETRIC, 0) == _WHITE_IS_ZERO,
        orientation=tags.orientation,
        icc=bytes(icc.value[: MAX_PROFILE + 1]) if icc else None,
        exif=tags,
        buffers=_buffers(directory, width, height),
    )


def _with_tiles(directory: Directory) -> Directory:
    """Return the directory with the places of tiles in their own tags: some programs write them in those of strips."""
    entries = dict(directory.entries)
    if {_TILE_WIDTH, _TILE_LENGTH} <= entries.keys():
        for strip, tile in ((_STRIP_OFFSETS, _TILE_OFFSETS), (_STRIP_BYTES, _TILE_BYTES)):
            if tile not in entries and strip in entries:
                entries[tile] = entries.pop(strip)
    return replace(directory, entries=entries)


def _check_complete(data: bytes, directory: Directory) -> None:
    offsets = directory.integers(_STRIP_OFFSETS) or directory.integers(_TILE_OFFSETS)
    counts = directory.integers(_STRIP_BYTES) or directory.integers(_TILE_BYTES)
    reach = max((at + size for at, size in zip(offsets, counts, strict=False)), default=0)
    lost = directory.broken or directory.lost & _NEEDED
    if lost or reach > len(data) or max(offsets, default=0) >= len(data):
        raise Truncated("The TIFF ends before its pixels do. Upload the whole file again.")
    if not offsets:
        raise CorruptImage("The TIFF holds no picture. Save the picture again and upload it.")


def _check_no_raw(data: bytes, directory: Directory) -> None:
    """Refuse camera raws, whose first directory is a small preview of the picture (TIFF 6.0, section 8, NewSubfileType)."""
    is_preview = directory.integer(_SUBFILE, 0) & _PREVIEW and _SUB_DIRECTORIES in directory.entries
    if _DNG in directory.entries or data[8:10] == _CANON or is_preview:
        raise UnsupportedFormat(
            "The file is a camera raw (DNG, CR2, NEF, ARW, ...): it has no finished picture but a small preview. "
            "Develop it, save it as JPEG or TIFF and upload that."
        )


def _mode(directory: Directory) -> str:
    """Return the mode of the picture that Pillow will decode."""
    bits = max(directory.integers(_BITS, (1,)))
    samples = directory.integer(_SAMPLES, 1)
    if set(directory.integers(_SAMPLE_FORMAT, (1,))) - {1, 4} or bits > _DEEP or not 1 <= samples <= _MAX_SAMPLES:
        raise UnsupportedFormat(
            "The TIFF has signed, floating-point or 32-bit samples, or more than six channels; these have no one look. "
            "Save it with 8 or 16 bits per channel and upload it again."
        )
    if directory.integer(_COMPRESSION, 1) not in _COMPRESSIONS:
        raise UnsupportedFormat(
            "The TIFF is compressed in a way that cannot be read here; save it with LZW or ZIP and upload it again."
        )
    if bits > _BYTE and samples > 1 and _is_plain_and_separate(directory):
        raise UnsupportedFormat(
            "The TIFF has 16 bits per channel in separate planes, uncompressed, which Pillow misreads; "
            "save it with interleaved channels, or with LZW or ZIP, and upload it again."
        )
    with_alpha = directory.integer(_EXTRA, _UNASSOCIATED) == _UNASSOCIATED
    if directory.integer(_PLANES, 1) == _SEPARATE and (samples == _WITH_ALPHA or not with_alpha):
        raise UnsupportedFormat(
            "The TIFF has grey with alpha, premultiplied alpha or an extra channel in separate planes, which Pillow misreads; "
            "save it with interleaved channels and upload it again."
        )
    photometric = directory.integer(_PHOTOMETRIC, 0)
    if photometric == _YCBCR and not _has_readable_chroma(directory):
        raise UnsupportedFormat(
            "The TIFF has YCbCr colours with less chroma than brightness, stored in a way that is misread here; "
            "save it as RGB and upload it again."
        )
    if samples == 1:
        return "1" if bits == 1 else "I;16" if bits > _BYTE else "P" if photometric == _PALETTE else "L"
    return {_CMYK: "CMYK", _LAB: "LAB", _YCBCR: "RGB"}.get(photometric, "RGBA" if samples % 2 == 0 else "RGB")


def _has_readable_chroma(directory: Directory) -> bool:
    """Whether YCbCr is read rightly: Pillow takes every plain one for 1 x 1, libtiff misreads units of 4 x 4.

    libtiff also refuses taller units, and pictures smaller than one. Within JPEG, libjpeg knows.
    """
    across, down = (*directory.integers(_SUBSAMPLING, (2, 2)), 1)[:2]
    if directory.integer(_COMPRESSION, 1) == _PLAIN:
        return across == down == 1
    fits = directory.integer(_WIDTH, 0) >= across and directory.integer(_LENGTH, 0) >= down
    return directory.integer(_COMPRESSION, 1) == _JPEG or (fits and down <= _MOST_DOWN)


def _is_plain_and_separate(directory: Directory) -> bool:
    return directory.integer(_COMPRESSION, 1) == _PLAIN and directory.integer(_PLANES, 1) == _SEPARATE


def _buffers(directory: Directory, width: int, height: int) -> int:
    """Return the bytes of one strip or tile in the decoder, and of the lists of all strips or tiles.

    Uncompressed, it is read twice; compressed, it is decompressed once, and YCbCr becomes RGBA once more.
    """
    across = directory.integer(_TILE_WIDTH, width)
    down = directory.integer(_TILE_LENGTH, min(height, directory.integer(_ROWS, height)))
    samples = 1 if directory.integer(_PLANES, 1) == _SEPARATE else directory.integer(_SAMPLES, 1)
    raw = across * down * samples * max(directory.integers(_BITS, (1,))) // 8
    lists = _LISTED * len(directory.integers(_STRIP_OFFSETS) or directory.integers(_TILE_OFFSETS))
    if directory.integer(_COMPRESSION, 1) == _PLAIN:
        return lists + (2 * raw if down < height else 0)
    return lists + raw + (4 * across * down if directory.integer(_PHOTOMETRIC, 0) == _YCBCR else 0)


def _rewrite(data: bytes, directory: Directory) -> bytes:
    """Return the file with a new directory at its end; the pixels keep their offsets."""
    lists = {tag: entry for tag, entry in directory.entries.items() if tag in _LISTS}
    entries = {tag: entry for tag, entry in lists.items() if len(entry.value) <= MAX_LIST}
    entries |= {tag: _first(entry) for tag, entry in directory.entries.items() if tag in _SINGLE}
    if directory.integer(_SAMPLES, 1) == 1:
        entries.pop(_PLANES, None)  # One channel is one plane; Pillow looks for a decoder of several.
    if _COLOUR_MAP in entries:
        entries[_COLOUR_MAP] = _in_sixteen_bits(entries[_COLOUR_MAP])
    padding = len(data) % 2
    base = len(data) + padding
    big = directory.big and base >= _CLASSIC  # Else 32 bits will do: Pillow reads 64 in one byte order only.
    if directory.big and not big:
        entries = {tag: _narrow(entry) for tag, entry in entries.items()}
    return _with_directory(data, entries, directory.order, big=big, padding=padding)


def _with_directory(data: bytes, entries: Mapping[int, Entry], order: str, *, big: bool, padding: int) -> bytes:
    """Return the file with these entries at its end, as its first directory."""
    wide, letter = (8, "Q") if big else (4, "I")
    base = len(data) + padding
    head = data[:8] if big else data[:2] + struct.pack(f"{order}H", _MAGIC)
    tail = write_directory(entries, order=order, big=big, base=base)
    return b"".join(
        [head, struct.pack(f"{order}{letter}", base), memoryview(data)[2 * wide :], b"\x00" * padding, tail]
    )


def _narrow(entry: Entry) -> Entry:
    """Return an entry of 64-bit numbers with 32 bits; what does not fit is no offset into this file."""
    if entry.type not in _LONG8:
        return entry
    values = [min(value, _CLASSIC - 1) for value in entry.integers()]
    return Entry(_LONG, len(values), struct.pack(f"{entry.order}{len(values)}I", *values), entry.order)


def _in_sixteen_bits(entry: Entry) -> Entry:
    """Return a colour map with 16 bits per value: some programs write bytes (libtiff's `checkcmap` does the same)."""
    values = entry.integers()
    if not values or max(values) > _OPAQUE:
        return entry
    scaled = struct.pack(f"{entry.order}{len(values)}H", *(value * (_OPAQUE + 2) for value in values))
    return Entry(_SHORT, len(values), scaled, entry.order)


def _first(entry: Entry) -> Entry:
    size = len(entry.value) // max(1, entry.count)
    return Entry(entry.type, 1, entry.value[:size], entry.order)
