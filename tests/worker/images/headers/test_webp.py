from __future__ import annotations

import pytest

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import rendered
from worker.contracts.errors import CorruptImage


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.riff((b"VP8X", bytes(10))), "no picture"),
        (factories.riff((b"VP8 ", bytes(10))), "no picture"),
        (factories.riff((b"VP8X", b"\x02" + bytes(9)), (b"ANMF", bytes(3))), "without a header"),
    ],
)
def test_a_webp_without_a_picture_is_corrupt(data, said):
    """An empty container, a picture without a size and a frame without a header are corrupt."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_webp_that_contradicts_itself_is_corrupt():
    """A canvas of another size than its picture is corrupt."""
    data = factories.encode(factories.quarters(), "WEBP", lossless=True)
    with pytest.raises(CorruptImage):
        rendered(factories.riff((b"VP8X", bytes(4) + b"\x07\x00\x00\x07\x00\x00"), (b"VP8L", data[20:])))
