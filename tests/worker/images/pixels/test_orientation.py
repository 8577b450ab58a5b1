from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import MEBIBYTE, difference, distance, output, picture, pixel
from worker.contracts.recipes.specs import FORMATS, RenditionSpec
from worker.images import render

CARRIERS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF")
TURNS = range(1, 9)
SPECS = tuple(RenditionSpec(name, 96, 96, format=name, quality=95) for name in FORMATS)


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """Return the colours in the middle of the four quarters."""
    image = image.convert("RGB")
    return [pixel(image, point) for point in ((24, 16), (72, 16), (24, 48), (72, 48))]


def is_upright(image: Image.Image) -> bool:
    """Whether the picture is `quarters`, within what lossy encoders change."""
    near = [distance(*pair) for pair in zip(corners(image), factories.COLOURS, strict=True)]
    return image.size == (96, 64) and max(near) <= 12


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("name", CARRIERS)
def test_every_orientation_of_every_format_comes_out_upright_in_every_format(name, orientation):
    """Eight orientations in the six formats that carry one become the same upright picture in all four outputs.

    No output states an orientation.
    """
    data = factories.turned(factories.quarters(), orientation, name)
    made = render(data, SPECS, wanted=FORMATS, memory_bytes=512 * MEBIBYTE)
    assert (made.source.width, made.source.height) == (96, 64)
    for rendition in made.renditions:
        with Image.open(io.BytesIO(rendition.data)) as image:
            assert is_upright(image), rendition.name
            assert 0x0112 not in image.getexif()
        assert b"irot" not in rendition.data


@pytest.mark.parametrize("name", ["AVIF", "HEIF"])
def test_the_avif_and_heic_files_above_have_orientation_boxes(name):
    """The AVIF and HEIC files of the test above have the boxes `irot` and `imir`."""
    assert b"irot" in factories.turned(factories.quarters(), 6, name)


def test_heic_is_not_turned_twice():
    """A HEIC with the orientation in a box and in EXIF, as phones write it, is rotated once, by the box."""
    data = factories.turned(factories.quarters(), 6, "HEIF")
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in data
    assert is_upright(picture(data))


def test_avif_is_turned_by_its_boxes_and_not_by_exif():
    """The orientation in an AVIF's EXIF is ignored (ISO/IEC 23008-12)."""
    data = factories.encode(factories.quarters(), "AVIF", quality=95, exif=factories.exif())
    camera = b"\x01\x10\x00\x02\x00\x00\x00\x12"
    at = data.index(camera)
    data = data[:at] + b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00" + data[at + 12 :]
    assert is_upright(picture(data))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_none(orientation):
    """Values outside 1 to 8 leave the picture as it is stored, as in a browser."""
    data = factories.encode(factories.quarters(), "PNG", exif=factories.exif(orientation))
    assert difference(picture(data), factories.quarters()) == 0


@pytest.mark.parametrize("keep", [0, 6, 8, 10, 14, 20, 24])
def test_a_damaged_exif_block_does_not_keep_a_picture_from_being_rendered(keep):
    """EXIF cut off anywhere reads as no EXIF."""
    data = factories.encode(factories.quarters(), "WEBP", lossless=True, exif=factories.exif(1)[:keep] or b"?")
    assert difference(picture(data), factories.quarters()) == 0


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_of_exif_are_read(order):
    """Cameras write EXIF in either byte order."""
    block = Image.Exif()
    block.endian = order
    block[0x0112] = 3
    stored = factories.quarters().transpose(Image.Transpose.ROTATE_180)
    assert difference(picture(factories.encode(stored, "PNG", exif=block.tobytes())), factories.quarters()) == 0


def test_a_rotated_photo_is_fitted_upright():
    """A photo stored on its side is as wide as a person sees it, also when it is reduced while it is decoded."""
    upright = factories.scene(300, 200)
    data = factories.turned(upright, 6, "JPEG")
    image = picture(data, width=75, height=75)
    assert image.size == (75, 50)
    reference = upright.resize((75, 50), Image.Resampling.LANCZOS)
    assert difference(image.reduce(5), reference.reduce(5)) <= 12


def test_cover_cuts_the_upright_picture():
    """The crop is centred in the upright picture."""
    data = factories.turned(factories.quarters(), 8, "PNG")
    reference = factories.quarters().crop((16, 0, 80, 64))
    assert difference(picture(data, width=64, height=64, fit="cover"), reference) == 0


def test_a_turned_source_of_unchanged_size_is_not_resampled():
    """Rotation alone moves pixels and changes none."""
    upright = factories.scene(64, 48)
    for orientation in TURNS:
        data = factories.turned(upright, orientation, "PNG")
        assert difference(picture(data), upright) == 0
        assert b"Exif" not in output(data)
