"""JPEGs without their end mark: refused where pixels are missing, and only there."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image

from worker.contracts.errors import Truncated
from worker.contracts.notes import NO_END_MARK
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import Rendered, render

END = b"\xff\xd9"


def picture(mode: str, size: tuple[int, int], **options: int | bool) -> tuple[Image.Image, bytes]:
    """Return a noisy picture, decoded from its JPEG, and the JPEG."""
    random = Random(f"{mode}{size}")
    image = Image.frombytes(mode, size, random.randbytes(size[0] * size[1] * len(mode)))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90, **options)
    return Image.open(io.BytesIO(file.getvalue())), file.getvalue()


def rendered(data: bytes) -> Rendered:
    """Return what the worker makes of it, without loss."""
    return render(data, (RenditionSpec("p", 999, 999, format="png"),), wanted=["p"], memory_bytes=512 * 2**20)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(64, 48), (61, 47), (17, 33), (200, 150), (8, 8), (1, 1)])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_jpeg_that_lacks_nothing_but_its_end_mark_is_whole(mode, size, subsampling):
    """Every pixel is what the whole file has, and the manifest notes it."""
    whole, data = picture(mode, size, subsampling=subsampling)
    made = rendered(data.removesuffix(END))
    pixels = Image.open(io.BytesIO(made.renditions[0].data))
    assert pixels.convert(mode).tobytes() == whole.tobytes()
    assert made.notes == (NO_END_MARK,)


@pytest.mark.parametrize("lost", [2, 3, 5, 20, 200, 2000])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_jpeg_that_lacks_pixels_is_truncated(lost, subsampling):
    """However few they are."""
    _, data = picture("RGB", (200, 150), subsampling=subsampling)
    with pytest.raises(Truncated):
        rendered(data.removesuffix(END)[:-lost])


def test_a_progressive_jpeg_without_end_mark_is_truncated():
    """Nobody knows how many scans it should have."""
    _, data = picture("RGB", (64, 48), progressive=True)
    with pytest.raises(Truncated, match="no end mark"):
        rendered(data.removesuffix(END))


def test_a_jfif_segment_without_fields_is_left_out():
    """Libjpeg ignores it, as browsers do; Pillow fails on it."""
    whole, data = picture("RGB", (64, 48))
    length = int.from_bytes(data[4:6], "big")
    empty = data[:2] + b"\xff\xe0\x00\x07JFIF\x00" + data[4 + length :]
    pixels = Image.open(io.BytesIO(rendered(empty).renditions[0].data))
    assert pixels.tobytes() == whole.tobytes()
