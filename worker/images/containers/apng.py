"""The frames of an APNG (https://www.w3.org/TR/png-3/#apng-frame-based-animation), each as a PNG of its own.

Like Chromium, an animation ends before its first frame that breaks a rule; the specification wants the default image
then, which shows less.
"""

from __future__ import annotations

import struct
import zlib
from itertools import islice
from typing import TYPE_CHECKING, Final

from worker.images.containers.stored_frame import BLEND, KEPT, REPLACE, TO_BACKGROUND, TO_PREVIOUS, StoredFrame

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

_DISPOSALS: Final = (KEPT, TO_BACKGROUND, TO_PREVIOUS)
_BLENDS: Final = (REPLACE, BLEND)
_HUNDREDTHS: Final = 100
_MAX_INTEGER: Final = (1 << 31) - 1
"""The largest integer of a PNG."""
_ANIMATED: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})
_ENDS: Final = frozenset({b"fcTL", b"IEND"})
_PIXELS: Final = {b"IDAT": 0, b"fdAT": 4}
"""By name of the chunk, where its pixels start."""
_SHARED: Final = frozenset({b"PLTE", b"tRNS"})
"""Chunks that count for every frame. Pillow looks at no others for pixels."""
_ALPHA: Final = 4
"""The bit of a colour type with an alpha channel."""


def played(payload: bytes) -> tuple[int, int]:
    """Return the number of frames that the picture states, and how often they are played, 0 forever; 0, 0 if it is still."""
    for name, body in _chunks(payload):
        if name == b"acTL" and len(body) == 8:  # noqa: PLR2004 - two integers.
            frames, plays = struct.unpack(">II", body)
            return (frames, plays) if max(frames, plays) <= _MAX_INTEGER else (0, 0)
        if name == b"IDAT":
            break
    return 0, 0


def stored_frames(payload: bytes) -> Iterator[StoredFrame]:
    """Yield the frames of the animation; `payload` is a PNG of only the chunks that make pixels.

    The default image is the first frame if a control chunk precedes it.
    """
    stated, _ = played(payload)
    return islice(_frames(payload), stated)


def _frames(payload: bytes) -> Iterator[StoredFrame]:
    header, shared = b"", b""
    control, data = b"", list[memoryview]()
    for name, body in _until_damage(payload):
        if name in _ENDS and data:
            yield _frame(control, header, shared, data)
            control, data = b"", []
        if name == b"IHDR":
            header = header or bytes(body)
        elif name in _SHARED:
            shared += _chunk(name, bytes(body))
        elif name == b"fcTL":
            control = bytes(body)
        elif control and name in _PIXELS:
            data.append(body[_PIXELS[name] :])


def _until_damage(payload: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield chunks up to the first that breaks a rule. If that is a control chunk, the frame before it is complete."""
    header, expected, whole = b"", 0, True
    for name, body in _chunks(payload):
        numbered = name in _ANIMATED and name != b"acTL"
        broken = numbered and int.from_bytes(body[:4], "big") != expected
        broken |= name == b"fcTL" and not _is_valid(body, header, whole=whole)
        if broken:
            if name == b"fcTL":
                yield b"IEND", body
            return
        expected += numbered
        whole &= name != b"IDAT"
        header = header or bytes(body if name == b"IHDR" else b"")
        yield name, body


def default_image(payload: bytes) -> tuple[memoryview | bytes, ...]:
    """Return the pieces of a PNG without the animation."""
    view, at = memoryview(payload), len(SIGNATURE)
    pieces = []
    for name, body in _chunks(payload):
        if name not in _ANIMATED:
            pieces.append(view[at : at + 12 + len(body)])
        at += 12 + len(body)
    return SIGNATURE, *pieces


def _frame(control: bytes, header: bytes, shared: bytes, data: list[memoryview]) -> StoredFrame:
    width, height, left, top, number, per, disposal, blend = struct.unpack_from(">IIIIHHBB", control, 4)
    head = SIGNATURE + _chunk(b"IHDR", control[4:12] + header[8:]) + shared
    # One chunk. Its checksum is not computed: Pillow ignores it, and those of the source's chunks have been verified.
    start = sum(map(len, data)).to_bytes(4, "big") + b"IDAT"
    return StoredFrame(
        left,
        top,
        width,
        height,
        delay=round(1000 * number / (per or _HUNDREDTHS)),
        disposal=_DISPOSALS[disposal],
        drawing=_BLENDS[blend],
        transparent=bool(header[9] & _ALPHA) or b"tRNS" in shared,
        pieces=(head + start, *data, bytes(4) + _chunk(b"IEND", b"")),
    )


def _is_valid(control: memoryview, header: bytes, *, whole: bool) -> bool:
    """Whether a control chunk has its length, a rectangle within the canvas (or all of it), and operations that exist."""
    if len(control) != 26 or not header:  # noqa: PLR2004 - the length that the specification gives.
        return False
    width, height, left, top, _, _, disposal, blend = struct.unpack_from(">IIIIHHBB", control, 4)
    across, down = struct.unpack_from(">II", header)
    within = 0 < width <= across - left and 0 < height <= down - top
    return (
        within
        and (not whole or (width, height) == (across, down))
        and disposal < len(_DISPOSALS)
        and blend < len(_BLENDS)
    )


def _chunks(payload: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the name and the contents of each chunk; their lengths and checksums have been verified."""
    view, at = memoryview(payload), len(SIGNATURE)
    while at < len(payload):
        end = at + 8 + int.from_bytes(view[at : at + 4], "big")
        yield payload[at + 4 : at + 8], view[at + 8 : end]
        at = end + 4


def _chunk(name: bytes, body: bytes) -> bytes:
    checked = name + body
    return len(body).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")
