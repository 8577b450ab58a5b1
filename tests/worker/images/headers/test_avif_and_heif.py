from __future__ import annotations

import struct

import pytest

from bench.corpus import lying_avif
from tests import factories
from tests.worker.images.rendering import rendered
from worker.errors import CorruptImage, Truncated


def test_an_avif_that_lies_about_its_size_is_corrupt():
    """Boxes that state 64 x 64 over a stream of a million pixels: what is judged must be what is decoded."""
    with pytest.raises(CorruptImage, match="contradicts itself"):
        rendered(lying_avif(1_000))


@pytest.mark.parametrize("name", ["AVIF", "HEIF"])
def test_a_box_beyond_the_end_is_a_truncation(name):
    """A box that reaches beyond the file was cut."""
    data = factories.encode(factories.quarters(), name)
    with pytest.raises(Truncated):
        rendered(data + struct.pack(">I4s", 100, b"free"))
