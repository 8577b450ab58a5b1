from __future__ import annotations

import pytest

from bench.corpus import jpeg_segments, png_pieces, tags, webp_chunks
from tests import factories, profiles
from tests.worker.images.rendering import rendered
from worker.errors import CorruptImage
from worker.images.containers.jpeg_segments import MAX_SEGMENTS
from worker.images.headers import png
from worker.images.headers.reading import read_header


@pytest.mark.parametrize("data", [png_pieces(png.MAX_CHUNKS), jpeg_segments(MAX_SEGMENTS)], ids=["png", "jpeg"])
def test_a_file_of_countless_pieces_is_refused(data):
    """What to remember of each piece would take many times the file's own bytes."""
    with pytest.raises(CorruptImage):
        rendered(data)


@pytest.mark.parametrize("data", [webp_chunks(20_000), tags(20_000)], ids=["webp", "tiff"])
def test_what_is_not_read_is_not_remembered(data):
    """Unknown chunks and tags are passed over, however many and however large they claim to be."""
    assert rendered(data).renditions[0].width in (8, 64)


def test_a_profile_in_a_webp_or_tiff_is_read_up_to_its_limit():
    """A profile of tens of megabytes costs a few of them, and a note."""
    profile = profiles.rgb_profile("p3") + bytes(12_000_000)
    for name in ("WEBP", "TIFF", "JPEG"):
        data = factories.encode(factories.quarters(), name, icc_profile=profile)
        assert len(read_header(data).icc or b"") <= 4 * 1024 * 1024 + 1
        assert len(rendered(data).notes) == 1
