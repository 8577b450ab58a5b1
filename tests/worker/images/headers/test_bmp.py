from __future__ import annotations

import struct

import pytest

from tests.worker.images.rendering import difference, picture, pixel, rendered
from worker.contracts.errors import CorruptImage, Truncated, UnsupportedFormat


def bmp(width: int, height: int, bits: int, compression: int, rows: bytes) -> bytes:
    """Return a BMP with a grey palette where it has one."""
    palette = b"".join(bytes((value, value, value, 0)) for value in range(256)) if bits == 8 else b""
    offset = 54 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + palette + rows


def test_top_down_bottom_up_and_run_length_bmps_are_the_same_picture():
    """Top-down rows, bottom-up rows and run lengths give the same picture."""
    top = picture(bmp(4, -2, 8, 0, bytes((1, 2, 3, 4, 5, 6, 7, 8))))
    bottom = picture(bmp(4, 2, 8, 0, bytes((5, 6, 7, 8, 1, 2, 3, 4))))
    runs = picture(bmp(4, 2, 8, 1, b"\x00\x04\x05\x06\x07\x08\x00\x00\x00\x04\x01\x02\x03\x04\x00\x01"))
    assert difference(top.convert("L"), bottom.convert("L")) == 0
    assert difference(top.convert("L"), runs.convert("L")) == 0


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (bmp(0, 1, 8, 0, bytes(4)), CorruptImage),
        (bmp(1, 1, 7, 0, bytes(4)), CorruptImage),
        (bmp(1, 1, 24, 4, bytes(4)), UnsupportedFormat),
        (bmp(4, 4, 8, 1, b"\x04\x00"), Truncated),
        (bmp(4, 4, 24, 0, bytes(12)), Truncated),
    ],
)
def test_damaged_and_unsupported_bmps_are_rejected(data, error):
    """No size, an impossible depth, a JPEG inside, runs without an end, missing rows: each is rejected."""
    with pytest.raises(error):
        rendered(data)


def test_an_os2_bmp_is_rendered():
    """The oldest header, of twelve bytes, is read too."""
    head = b"BM" + struct.pack("<IHHI", 30, 0, 0, 26) + struct.pack("<IHHHH", 12, 1, 1, 1, 24)
    assert pixel(picture(head + bytes((30, 20, 10, 0)))) == (10, 20, 30)
