from __future__ import annotations

import pytest

from bench.pictures.bombs import jpeg_segments, png_pieces, tags, webp_chunks
from tests.worker.images.pictures import factories, profiles
from tests.worker.images.rendering import rendered
from worker.contracts.errors import CorruptImage
from worker.images.containers.jpeg_segments import MAX_SEGMENTS
from worker.images.headers import png
from worker.images.headers.reading import read_header


@pytest.mark.parametrize("data", [png_pieces(png.MAX_CHUNKS), jpeg_segments(MAX_SEGMENTS)], ids=["png", "jpeg"])
def test_a_file_of_countless_pieces_is_refused(data):
    """More chunks or segments than the limit are refused: the list of them would take more memory than the file."""
    with pytest.raises(CorruptImage):
        rendered(data)


@pytest.mark.parametrize("data", [webp_chunks(20_000), tags(20_000)], ids=["webp", "tiff"])
def test_unknown_chunks_and_tags_are_skipped(data):
    """Unknown chunks and tags are skipped, whatever their number and stated size."""
    assert rendered(data).renditions[0].width in (8, 64)


def test_a_profile_in_a_webp_or_tiff_is_read_up_to_its_limit():
    """A profile of 12 MB is read up to the limit and ignored with a note."""
    profile = profiles.rgb_profile("p3") + bytes(12_000_000)
    for name in ("WEBP", "TIFF", "JPEG"):
        data = factories.encode(factories.quarters(), name, icc_profile=profile)
        assert len(read_header(data).icc or b"") <= 4 * 1024 * 1024 + 1
        assert len(rendered(data).notes) == 1
