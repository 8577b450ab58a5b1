from __future__ import annotations

import pytest
from PIL import Image

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, picture, rendered
from worker.contracts.errors import CorruptImage, UnsupportedFormat


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.tiff((0, 9), 8, 1, bytes(9)), "no size"),
        (factories.tiff((9, 9), 8, 1, bytes(81), tags={273: (3, [])}), "no picture"),
    ],
)
def test_a_tiff_without_a_picture_is_corrupt(data, said):
    """No size, or no place where the pixels are."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_tiff_compressed_in_an_unknown_way_is_unsupported():
    """The detail names two compressions that are read."""
    with pytest.raises(UnsupportedFormat, match="LZW or ZIP"):
        rendered(factories.tiff((9, 9), 8, 1, bytes(81), tags={259: (3, [34_712])}))


def test_only_the_first_page_of_a_tiff_is_rendered():
    """Later pages do not reach the decoder."""
    first, second = factories.quarters(), Image.new("RGB", (500, 500), "red")
    data = factories.encode(first, "TIFF", save_all=True, append_images=[second])
    assert difference(picture(data), first) == 0


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits", None])
def test_every_compression_of_tiff_gives_the_same_pixels(compression):
    """LZW, ZIP, PackBits and none at all are lossless."""
    options = {"compression": compression} if compression else {}
    image = factories.scene(64, 48)
    assert difference(picture(factories.encode(image, "TIFF", **options)), image) == 0
