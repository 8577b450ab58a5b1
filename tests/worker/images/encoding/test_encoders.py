from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, output, picture
from worker.contracts.errors import CorruptImage, EncoderFailed, TooLarge
from worker.contracts.recipes.specs import FORMATS, RenditionSpec
from worker.images import render
from worker.images.containers.exif import Exif
from worker.images.encoding import encoders

PHOTO = factories.encode(factories.scene(320, 240), "PNG")


@pytest.mark.parametrize("format_", FORMATS)
def test_each_output_is_what_its_name_says(format_):
    """The bytes are of the format that the spec names."""
    with Image.open(io.BytesIO(output(PHOTO, format=format_))) as image:
        assert (image.format, image.size) == (format_.upper(), (320, 240))


def test_jpegs_are_progressive():
    """A JPEG is progressive: browsers show it whole at first, then sharper."""
    assert picture(PHOTO, format="jpeg").info["progressive"] == 1


@pytest.mark.parametrize("format_", ["webp", "avif", "jpeg"])
def test_more_quality_is_larger_and_nearer_to_the_source(format_):
    """A higher quality is a larger file that is nearer to the source."""
    original = factories.scene(320, 240)
    low, high = (output(PHOTO, format=format_, quality=quality) for quality in (30, 95))
    assert len(low) < len(high)
    near = [
        difference(Image.open(io.BytesIO(data)).convert("RGB").reduce(4), original.reduce(4)) for data in (low, high)
    ]
    assert near[0] > near[1]


@pytest.mark.parametrize("format_", ["webp", "png"])
def test_more_effort_saves_bytes(format_):
    """More effort gives a smaller file."""
    large = factories.encode(factories.scene(320, 240), "TIFF")
    assert len(output(large, format=format_, effort=6)) < len(output(large, format=format_, effort=0))


def test_each_rendition_has_its_own_quality_and_effort():
    """The options of one spec do not affect another."""
    specs = [RenditionSpec("a", 200, 200, quality=20), RenditionSpec("b", 200, 200, quality=90)]
    made = render(PHOTO, specs, wanted=["a", "b"], memory_bytes=2**30).renditions
    assert len(made[0].data) < len(made[1].data) / 2


@pytest.mark.parametrize("format_", ["webp", "jpeg"])
def test_a_rendition_larger_than_its_source_is_encoded_again_lower_once(format_, qualities):
    """A rendition of the source's size with more bytes is encoded once more at three quarters of the quality."""
    squeezed = factories.encode(factories.scene(320, 240), "JPEG", quality=5)
    made = output(squeezed, format=format_, quality=90)
    assert qualities == [90, 68]
    assert len(made) < len(output(PHOTO, format=format_, quality=90))


def test_a_smaller_rendition_is_encoded_once(qualities):
    """A reduced picture is as large as its quality makes it, whatever the source's bytes."""
    output(factories.encode(factories.scene(320, 240), "JPEG", quality=5), format="webp", width=319, height=319)
    assert qualities == [80]


def test_a_rendition_smaller_than_its_source_is_encoded_once(qualities):
    """If the first attempt has fewer bytes than the source there is no second."""
    output(PHOTO, format="webp")
    assert qualities == [80]


def test_a_png_larger_than_its_source_is_encoded_with_more_effort():
    """PNG has no quality to lower: it is encoded with the most effort, losslessly."""
    image = factories.scene(320, 240)
    webp = factories.encode(image, "WEBP", lossless=True)
    made = output(webp, format="png", effort=0)
    assert len(webp) < len(made) < len(encoders.encode(image, RenditionSpec("x", 1, 1, format="png", effort=0), Exif()))
    assert difference(Image.open(io.BytesIO(made)), image) == 0


def test_the_smaller_of_two_attempts_is_kept(monkeypatch):
    """If the lower quality is larger, the first attempt is the rendition."""
    squeezed = factories.encode(factories.scene(64, 48), "JPEG", quality=5)
    monkeypatch.setattr("worker.images.renditions.still.encode_lower", lambda *_args, **_options: bytes(1_000_000))
    assert len(output(squeezed, format="webp")) < 100_000


@pytest.mark.parametrize(
    ("raised", "error"),
    [(ValueError("encoding error 6"), EncoderFailed), (RuntimeError("-1"), EncoderFailed), (MemoryError(), TooLarge)],
)
@pytest.mark.parametrize("animated", [False, True])
def test_an_encoder_s_failure_is_not_the_source_s_fault(animated, raised, error, monkeypatch):
    """Whatever an encoder raises is `encoder-failed`, or `too-large` for memory, and the detail says what to change."""

    def give_up(*_args: object) -> bytes:
        raise raised

    monkeypatch.setattr(encoders, "_save", give_up)
    with pytest.raises(error, match="smaller size or another format"):
        output(factories.film("GIF"), format="webp", animated=animated)


@pytest.mark.parametrize("format_", ["webp", "png"])
def test_a_frame_that_does_not_decode_is_the_source_s_fault(format_):
    """Though an encoder asks for the frame, damage in it is told as damage of the source."""
    frame = bytearray(factories.gif_frame((0, 0, 4, 4), 1))
    frame[frame.index(b",") + 13] = 0xFF  # A code that is not in the table.
    data = factories.gif((4, 4), [(0, 0, 0)], factories.gif_frame((0, 0, 4, 4), 0), bytes(frame))
    with pytest.raises(CorruptImage):
        output(bytes(data), format=format_, animated=True)
