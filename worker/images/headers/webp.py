"""WebP headers (https://developers.google.com/speed/webp/docs/riff_container)."""

from __future__ import annotations

from typing import Final

from worker.contracts.errors import CorruptImage, Truncated
from worker.images.containers.exif import read_exif
from worker.images.containers.riff import ALPHA_FLAG, HEAD, chunks
from worker.images.headers.header import MAX_PROFILE, Header

_CANVASES: Final = 10
"""Bytes per pixel of libwebp's two canvases, its planes and the picture that it returns; measured by `bench.memory`."""
_DISPOSED: Final = 1
_FRAME_HEAD: Final = 16
_STILL: Final = frozenset({b"VP8 ", b"VP8L"})
_READ: Final = _STILL | {b"VP8X", b"ANIM", b"EXIF", b"ICCP"}


def read(data: bytes) -> Header:
    """Read all chunks; the whole file is the payload, because libwebp reads no metadata.

    Raises:
        Truncated: The file is shorter than its header says.
        CorruptImage: No picture, one without a size, or a frame without a header.
    """
    if len(data) < HEAD + 8 or 8 + int.from_bytes(data[4:8], "little") > len(data):
        raise Truncated("The WebP is shorter than its header says. Upload the whole file again.")
    found: dict[bytes, bytes] = {}
    frames = 0
    transparent = False
    for name, chunk in chunks(data):
        if name == b"ANMF":
            if len(chunk) < _FRAME_HEAD:
                raise CorruptImage("The WebP has a frame without a header. Save the picture again and upload it.")
            transparent |= _leaves_transparent(chunk, found.get(b"VP8X", b""), first=not frames)
            frames += 1
        elif name in _READ:
            found.setdefault(name, bytes(chunk[: 32 if name in _STILL else MAX_PROFILE + 1]))
    width, height, alpha = _facts(found)
    alpha |= transparent
    if not width or not height or not (frames or _STILL & found.keys()):
        raise CorruptImage("The WebP holds no picture. Save the picture again and upload it.")
    tags = read_exif(found.get(b"EXIF", b""))
    animation = found.get(b"ANIM", b"")
    return Header(
        "WEBP",
        width,
        height,
        "RGBA" if alpha else "RGB",
        data,
        transparent=alpha,
        frames=max(1, frames),
        plays=int.from_bytes(animation[4:6], "little"),
        orientation=tags.orientation,
        icc=found.get(b"ICCP"),
        exif=tags,
        buffers=len(data) + _CANVASES * width * height,
    )


def _leaves_transparent(frame: memoryview, canvas: bytes, *, first: bool) -> bool:
    """Whether canvas stays transparent even if the frame is opaque: around the first frame, or after disposal."""
    return bool(frame[15] & _DISPOSED) or (first and frame[6:12] != canvas[4:10])


def _facts(found: dict[bytes, bytes]) -> tuple[int, int, bool]:
    """Return width, height and whether there is an alpha channel, from the header that there is: VP8X, VP8L or VP8."""
    extended, lossy, lossless = found.get(b"VP8X", b""), found.get(b"VP8 ", b""), found.get(b"VP8L", b"")
    if extended:
        width, height = (1 + int.from_bytes(extended[at : at + 3], "little") for at in (4, 7))
        return width, height, bool(extended[0] & ALPHA_FLAG)
    if lossless:
        bits = int.from_bytes(lossless[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    return (
        int.from_bytes(lossy[6:8], "little") & 0x3FFF,
        int.from_bytes(lossy[8:10], "little") & 0x3FFF,
        False,
    )
