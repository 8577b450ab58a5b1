from __future__ import annotations

import struct

import pytest

from bench.pictures.bombs import lying_avif
from tests.worker.images.pictures import factories
from tests.worker.images.rendering import rendered
from worker.contracts.errors import CorruptImage, Truncated


def test_an_avif_with_larger_frames_than_stated_is_corrupt():
    """A container that states 64 x 64 pixels around a stream of a million is rejected: libavif would decode it all."""
    with pytest.raises(CorruptImage, match="contradicts itself"):
        rendered(lying_avif(1_000))


@pytest.mark.parametrize("name", ["AVIF", "HEIF"])
def test_a_box_beyond_the_end_is_a_truncation(name):
    """A file with a box that reaches beyond its end is truncated."""
    data = factories.encode(factories.quarters(), name)
    with pytest.raises(Truncated):
        rendered(data + struct.pack(">I4s", 100, b"free"))
