"""A picture that comes out blank though its file holds more is noted."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import rendered
from worker.contracts.notes import BLANK

SIZE = (640, 480)
FILES = {
    "JPEG": {}, "PNG": {"compress_level": 0}, "WEBP": {}, "AVIF": {"speed": 10}, "HEIF": {}, "TIFF": {}, "BMP": {}, "GIF": {},
}  # fmt: skip


def clear(alpha: int) -> bytes:
    """Return a PNG of a scene whose pixels all have this alpha."""
    image = factories.scene(*SIZE)
    image.putalpha(alpha)
    return factories.encode(image, "PNG")


@pytest.mark.parametrize("colour", ["black", "white", (37, 120, 201)])
@pytest.mark.parametrize("name", FILES)
def test_a_picture_that_is_of_one_colour_is_not_noted(name, colour):
    """Its file holds no more than that, in any format: uncompressed, or with a photograph's compression."""
    data = factories.encode(Image.new("RGB", SIZE, colour), name, **FILES[name])
    assert rendered(data, format="webp").notes == ()


@pytest.mark.parametrize("fields", [{"format": "png"}, {"format": "webp", "width": 30, "height": 30}])
def test_a_picture_that_is_transparent_everywhere_is_noted(fields):
    """A scene without opacity shows nothing, and with a trace of it something."""
    assert rendered(clear(0), **fields).notes == (BLANK,)
    assert rendered(clear(1), **fields).notes == ()


@pytest.mark.parametrize("animated", [False, True])
def test_a_film_is_blank_if_every_rendered_frame_is(animated):
    """A film that fades in is blank as a still picture only."""
    scenes = [Image.new("RGB", SIZE), factories.scene(*SIZE)]
    data = factories.encode(scenes[0], "GIF", save_all=True, append_images=scenes[1:])
    assert rendered(data, format="webp", animated=animated).notes == (() if animated else (BLANK,))


def test_a_small_file_is_not_noted():
    """A dot of one colour has metadata of more bytes than pixels."""
    data = factories.encode(Image.new("RGB", (1, 1), "red"), "PNG", exif=factories.exif(1))
    assert rendered(data).notes == ()
