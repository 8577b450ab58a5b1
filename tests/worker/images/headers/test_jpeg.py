from __future__ import annotations

import random

import pytest

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, picture, rendered
from worker.contracts.errors import CorruptImage, Truncated, UnsupportedFormat
from worker.images.containers import jpeg_segments
from worker.images.headers.reading import read_header

JPEG = factories.encode(factories.scene(64, 48), "JPEG")
FRAME = JPEG.index(b"\xff\xc0")


def test_what_a_camera_appends_to_a_jpeg_is_not_read():
    """The video of a motion photo, in which marker bytes occur by chance, is not counted as scans or decoded."""
    film = random.Random(1).randbytes(1 << 18) + b"\xff\xda" * (jpeg_segments.MAX_SCANS + 1)
    assert difference(picture(JPEG + film), picture(JPEG)) == 0
    assert len(read_header(JPEG + film).payload) <= len(JPEG)


def test_the_end_mark_of_a_preview_does_not_hide_a_truncation():
    """The end mark of a preview in EXIF is not taken for the photo's own."""
    preview = factories.exif() + b"\x00" + factories.encode(factories.quarters(), "JPEG")
    data = factories.encode(factories.scene(64, 48), "JPEG", exif=preview)
    assert data.count(b"\xff\xd9") == 2
    with pytest.raises(Truncated):
        rendered(data[:-20])


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC7, 0xCB, 0xCF])
def test_rare_kinds_of_jpeg_are_unsupported(marker):
    """Lossless and hierarchical JPEGs are rejected; the detail says that no browser shows them."""
    with pytest.raises(UnsupportedFormat, match="browsers cannot show"):
        rendered(JPEG.replace(b"\xff\xc0", bytes((0xFF, marker))))


@pytest.mark.parametrize(("at", "value"), [(4, 12), (9, 2)])
def test_jpegs_of_12_bits_or_two_channels_are_unsupported(at, value):
    """JPEGs of 12 bits or two channels are rejected in the same way."""
    with pytest.raises(UnsupportedFormat):
        rendered(JPEG[: FRAME + at] + bytes((value,)) + JPEG[FRAME + at + 1 :])


def test_a_jpeg_with_two_frames_is_corrupt():
    """Two frame headers are rejected: admission would judge one, the decoder use the other."""
    with pytest.raises(CorruptImage, match="two frame headers"):
        rendered(JPEG[:FRAME] + factories.jpeg_header(9, 9)[2:21] + JPEG[FRAME:])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.jpeg_header(0, 9), "no size"),
        (factories.jpeg_header(9, 0), "no size"),
        (JPEG.replace(JPEG[FRAME : FRAME + 19], b""), "no frame header"),
    ],
)
def test_a_jpeg_without_a_size_is_corrupt(data, said):
    """A size of zero and a missing frame header are rejected."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_jpeg_of_endless_scans_is_refused():
    """A progressive JPEG of countless scans is rejected: each is a pass over the whole picture."""
    data = factories.jpeg_header(9, 9, progressive=True)
    scan = data[data.index(b"\xff\xda") : -2]
    with pytest.raises(CorruptImage, match="scans"):
        rendered(data[:-2] + scan * jpeg_segments.MAX_SCANS + b"\xff\xd9")


def test_tables_between_scans_are_skipped():
    """A table that contains the bytes of an end mark does not end the picture."""
    data = factories.encode(factories.scene(64, 48), "JPEG", progressive=True)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    comment = b"\xff\xfe\x00\x04\xff\xd9"
    assert difference(picture(data[:second] + comment + data[second:]), picture(data)) == 0
