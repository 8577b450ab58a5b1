"""PNG and APNG headers (https://www.w3.org/TR/png-3/)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import CorruptImage, Truncated
from worker.contracts.notes import PROFILE_IGNORED
from worker.images.containers.exif import read_exif
from worker.images.headers.header import MAX_PROFILE, Header

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHUNKS: Final = 50_000
"""Chunks that are kept. Encoders put at least 8 kilobytes of pixels into each."""

_SIGNATURE: Final = 8
_MODES: Final = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
_DEEP: Final = 16
_STILL: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_ANIMATED: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})
_KEPT: Final = _STILL | _ANIMATED
_READ: Final = frozenset({b"IHDR", b"acTL", b"iCCP", b"eXIf"})


def read(data: bytes) -> Header:
    """Read all chunks up to the end mark and keep those that make pixels.

    Text chunks are dropped without being decompressed.

    Raises:
        Truncated: No end mark.
        CorruptImage: A wrong checksum, too many chunks, or no valid header.
    """
    kept: dict[int, bytes] = {}
    found: dict[bytes, bytes] = {}
    for at, name, end in _chunks(data):
        if name in _READ:
            found.setdefault(name, data[at + 8 : min(end - 4, at + 8 + MAX_PROFILE)])
        if name in _KEPT:
            kept[at] = name
            if len(kept) > MAX_CHUNKS:
                raise CorruptImage("The PNG is in more pieces than any program writes. Save it again and upload it.")
    width, height, mode = _facts(found.get(b"IHDR", b""))
    frames, first, plays = _animation(list(kept.values()), found.get(b"acTL", b""))
    icc, notes = _inflate_profile(found.get(b"iCCP"))
    tags = read_exif(found.get(b"eXIf", b""))
    return Header(
        "PNG",
        width,
        height,
        mode,
        _join(data, kept, _KEPT if frames > 1 else _STILL),
        depth=found[b"IHDR"][8],
        transparent=mode in ("LA", "RGBA") or b"tRNS" in kept.values(),
        frames=frames,
        first_frame=first,
        plays=plays,
        orientation=tags.orientation,
        icc=icc,
        exif=tags,
        notes=notes,
    )


def _chunks(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield where each chunk starts, its name, and where it ends; verify the checksums of those that are kept."""
    at = _SIGNATURE
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


def _animation(names: list[bytes], control: bytes) -> tuple[int, int, int]:
    """Return the number of frames, the index of the first (1 after a default image), and how often they are played.

    If `acTL` states another number of frames than there are, the picture is still.
    """
    frames = int.from_bytes(control[:4], "big")
    if not frames or names.count(b"fcTL") != frames or names.count(b"acTL") != 1:
        return 1, 0, 0
    default = b"IDAT" in names[: names.index(b"fcTL")]
    return frames, int(default), int.from_bytes(control[4:8], "big")


def _join(data: bytes, kept: dict[int, bytes], names: frozenset[bytes]) -> bytes:
    """Return a PNG of the kept chunks of these names."""
    view = memoryview(data)
    chunks = [
        view[at : at + 12 + int.from_bytes(data[at : at + 4], "big")] for at, name in kept.items() if name in names
    ]
    return b"".join([view[:_SIGNATURE], *chunks])


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
