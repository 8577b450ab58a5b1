"""What no pipeline can render: files of several kinds of damage, and two pictures that harm the process that decodes them.

The last two are sound files; in a run, what decodes them is made to fail on their sizes (`chaos/inside/decoder.py`).
"""

from __future__ import annotations

import random
import struct
import zlib
from typing import TYPE_CHECKING, Final

from PIL import Image

from chaos.inside.decoder import CRASHING, HANGING
from chaos.pictures.versions import draw, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CUT: Final = 0.6
_NOISE: Final = (96, 96)
_SIDE: Final = 60_000


def _truncated(version: int) -> bytes:
    noise = random.Random(version).randbytes(3 * _NOISE[0] * _NOISE[1])
    data = encode(Image.frombytes("RGB", _NOISE, noise), "JPEG")
    return data[: round(len(data) * _CUT)]


def _not_an_image(version: int) -> bytes:
    return f"Version {version} is no picture.\n".encode()


def _empty(_version: int) -> bytes:
    return b""


def _huge(version: int) -> bytes:
    """Return a PNG that is all header; the version is in its text."""
    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"tEXt", b"Comment\0%d" % version), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _corrupt(version: int) -> bytes:
    """Return a PNG whose pixels are no compressed data."""
    image = draw(version, "PNG")
    at = image.index(b"IDAT")
    (length,) = struct.unpack(">I", image[at - 4 : at])
    return image[: at - 4] + _chunk(b"IDAT", b"\xff" * length) + image[at + 8 + length :]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


POISON: Final[Mapping[str, Callable[[int], bytes]]] = {
    "decoder-crashed": lambda version: draw(version, "PNG", CRASHING),
    "decoder-timeout": lambda version: draw(version, "PNG", HANGING),
    "truncated": _truncated,
    "unsupported-format": _not_an_image,
    "empty-file": _empty,
    "corrupt-image": _corrupt,
    "too-large": _huge,
}
"""The bytes of each kind, which is called by the reason that it must be rejected with."""

DEADLY: Final = ("decoder-crashed", "decoder-timeout")
"""Those that end the process that decodes them."""
