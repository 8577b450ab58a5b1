"""PNG and APNG headers (https://www.w3.org/TR/png-3/)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import CorruptImage, Truncated
from worker.contracts.notes import FRAMES_DROPPED, PROFILE_IGNORED
from worker.images.containers.apng import SIGNATURE, played, stored_frames
from worker.images.containers.exif import read_exif
from worker.images.containers.stored_frame import survey
from worker.images.headers.header import MAX_PROFILE, Header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_CHUNKS: Final = 50_000
"""Chunks that are kept. Encoders put at least 8 kilobytes of pixels into each."""

_MODES: Final = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
_DEEP: Final = 16
_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"})
_READ: Final = frozenset({b"IHDR", b"iCCP", b"eXIf"})


def read(data: bytes) -> Header:
    """Read all chunks up to the end mark and keep those that make pixels.

    Text chunks are dropped without being decompressed.

    Raises:
        Truncated: No end mark.
        CorruptImage: A wrong checksum, too many chunks, or no valid header.
    """
    kept: dict[int, bytes] = {}
    chunks: dict[bytes, bytes] = {}
    for at, name, end in _chunks(data):
        if name in _READ:
            chunks.setdefault(name, data[at + 8 : min(end - 4, at + 8 + MAX_PROFILE)])
        if name in _KEPT:
            kept[at] = name
            if len(kept) > MAX_CHUNKS:
                raise CorruptImage("The PNG is in more pieces than any program writes. Save it again and upload it.")
    width, height, mode = _facts(chunks.get(b"IHDR", b""))
    if mode == "P" and b"PLTE" not in kept.values():
        raise CorruptImage("The PNG has a palette picture without the palette. Save the picture again and upload it.")
    payload = _join(data, kept)
    stated, plays = played(payload)
    found = survey((width, height), stored_frames(payload))
    dropped = {found.frames} != {stated, list(kept.values()).count(b"fcTL")}
    icc, notes = _inflate_profile(chunks.get(b"iCCP"))
    tags = read_exif(chunks.get(b"eXIf", b""))
    return Header(
        "PNG",
        width,
        height,
        mode,
        payload,
        depth=chunks[b"IHDR"][8],
        transparent=mode in ("LA", "RGBA") or b"tRNS" in kept.values() or (found.frames > 1 and found.clear),
        frames=max(1, found.frames),
        plays=plays,
        orientation=tags.orientation,
        icc=icc,
        exif=tags,
        buffers=found.buffers if found.frames > 1 else 0,
        notes=(*notes, FRAMES_DROPPED) if dropped else notes,
    )


def _chunks(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield where each chunk starts, its name, and where it ends; verify the checksums of those that are kept."""
    at = len(SIGNATURE)
    view = memoryview(data)
    while True:
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data) or at + 12 > len(data):
            raise Truncated("The PNG has no end mark: the upload stopped early. Upload the whole file again.")
        name = data[at + 4 : at + 8]
        if name in _KEPT and zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise CorruptImage("The PNG was damaged on its way: a checksum is wrong. Upload the original again.")
        yield at, name, end
        if name == b"IEND":
            return
        at = end


def _join(data: bytes, kept: Iterable[int]) -> bytes:
    """Return a PNG of the chunks that start there."""
    view = memoryview(data)
    return b"".join([SIGNATURE, *(view[at : at + 12 + int.from_bytes(data[at : at + 4], "big")] for at in kept)])


def _facts(header: bytes) -> tuple[int, int, str]:
    if len(header) < 13 or header[9] not in _MODES:  # noqa: PLR2004 - IHDR has 13 bytes.
        raise CorruptImage("The PNG's header is damaged. Upload the original again.")
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    if not width or not height:
        raise CorruptImage("The PNG's header states no size. Save the picture again and upload it.")
    mode = _MODES[header[9]]
    if header[8] == _DEEP and mode == "L":
        mode = "I;16"
    return width, height, "1" if header[8] == 1 and mode == "L" else mode


def _inflate_profile(chunk: bytes | None) -> tuple[bytes | None, tuple[str, ...]]:
    """Return the decompressed colour profile, and a note if it is larger than `MAX_PROFILE` and therefore ignored."""
    if chunk is None:
        return None, ()
    compressed = chunk[chunk.find(b"\x00") + 2 :]
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(compressed, MAX_PROFILE)
    except zlib.error:
        return b"", ()
    if inflater.unconsumed_tail:
        return None, (PROFILE_IGNORED,)
    return profile, ()
