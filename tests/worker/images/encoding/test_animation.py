from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, frames, output, picture, pixel, rendered
from worker.contracts.errors import TooLarge
from worker.images.encoding.animation import Animation
from worker.images.headers.reading import read_header

SOURCES = ("GIF", "WEBP", "PNG", "AVIF")
OUTPUTS = ("webp", "avif", "png")
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
RED, GREEN, BLUE = ((*colour, 255) for colour in COLOURS)
CLEAR = (0, 0, 0, 0)
FINEST: dict[str, dict[str, Any]] = {
    "GIF": {},
    "PNG": {},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}
PALETTE = [(0, 0, 0), *COLOURS]


def drawn(index: int) -> Image.Image:
    """Return frame `index` of `factories.film`."""
    frame = Image.new("RGBA", (64, 48), "#808080")
    ImageDraw.Draw(frame).rectangle((index * 16, 8, index * 16 + 15, 39), (RED, GREEN, BLUE)[index])
    return frame


def assert_alike(image: Image.Image, reference: Image.Image, side: int = 8) -> None:
    """Compare what a lossy encoder made of hard-edged colours, in areas of `side` pixels.

    Brightness is within 8 of 255; colours, whose chroma has half the pixels, within 32.
    """
    made, reference = image.convert("RGB").reduce(side), reference.convert("RGB").reduce(side)
    assert difference(made.convert("L"), reference.convert("L")) <= 8
    assert difference(made, reference) <= 32


@pytest.mark.parametrize("format_", OUTPUTS)
@pytest.mark.parametrize("name", SOURCES)
def test_every_frame_and_duration_is_kept(name, format_):
    """GIF, WebP, APNG and AVIF become WebP, AVIF and APNG with all frames as drawn and their durations.

    Exactly as drawn if neither format is lossy, similar otherwise.
    """
    data = factories.film(name, **FINEST[name])
    shown = frames(output(data, format=format_, animated=True, quality=100))
    assert [duration for _, duration in shown] == [100, 200, 300]
    for index, (frame, _) in enumerate(shown):
        if format_ == "png" and name != "AVIF":
            assert difference(frame, drawn(index)) == 0
        assert_alike(frame, drawn(index))


@pytest.mark.parametrize("plays", [0, 1, 2, 5])
@pytest.mark.parametrize("format_", OUTPUTS)
@pytest.mark.parametrize("name", SOURCES)
def test_an_animation_is_played_as_often_as_its_source(name, format_, plays):
    """Forever, once or a number of times: the output states what the source stated, counted as each format counts."""
    data = _film_of(name, plays)
    assert read_header(data).plays == plays
    assert read_header(output(data, format=format_, animated=True)).plays == plays


def _film_of(name: str, plays: int) -> bytes:
    if name == "AVIF":
        return output(_film_of("GIF", plays), format="avif", animated=True)
    if name != "GIF":
        return factories.film(name, loop=plays)
    loop = [] if plays == 1 else [factories.gif_loop(plays - 1 if plays else 0)]
    return factories.gif((4, 4), PALETTE, *loop, *(factories.gif_frame((0, 0, 4, 4), index) for index in (1, 2, 3)))


def test_how_often_an_avif_is_played_is_where_the_standard_says():
    """The tracks of an AVIF that is played three times are three times as long as the edit that they repeat."""
    data = _film_of("AVIF", 3)
    edit, track = data.index(b"elst"), data.index(b"tkhd")
    assert struct.unpack_from(">Q", data, edit + 12)[0] * 3 == struct.unpack_from(">Q", data, track + 32)[0]


def test_an_avif_whose_edit_does_not_repeat_is_played_once():
    """Without the repeat flag an edit is played once, whatever the track's duration."""
    data = bytearray(factories.film("AVIF"))
    data[data.index(b"elst") + 7] = 0
    assert read_header(bytes(data)).plays == 1


def test_an_avif_without_an_edit_list_is_played_forever():
    """Without an edit list the animation loops, as in browsers."""
    assert read_header(factories.film("AVIF").replace(b"edts", b"free")).plays == 0


def test_transparent_avif_animations_repeat_in_both_tracks():
    """The tracks of colour and alpha have the same duration."""
    films = [factories.gif_frame((0, 0, 4, 4), index, transparent=0, disposal=2) for index in (1, 0)]
    data = output(factories.gif((4, 4), PALETTE, factories.gif_loop(1), *films), format="avif", animated=True)
    lengths = {data[at + 32 : at + 40] for at in _all(data, b"tkhd")}
    assert (len(list(_all(data, b"tkhd"))), len(lengths)) == (2, 1)


def _all(data: bytes, name: bytes):
    at = -1
    while (at := data.find(name, at + 1)) >= 0:
        yield at


# Disposal: frames of 2 x 2 are drawn at 0, 2 and 4 on a canvas of 6 x 2 ----------------------------------------------


def canvas(*colours: tuple[int, ...]) -> Image.Image:
    """Return 2 x 2 squares side by side."""
    image = Image.new("RGBA", (2 * len(colours), 2))
    for index, colour in enumerate(colours):
        image.paste(colour, (2 * index, 0, 2 * index + 2, 2))
    return image


DISPOSALS = {
    "left in place": (1, [(RED, CLEAR, CLEAR), (RED, GREEN, CLEAR), (RED, GREEN, BLUE)]),
    "unspecified": (0, [(RED, CLEAR, CLEAR), (RED, GREEN, CLEAR), (RED, GREEN, BLUE)]),
    "to the background": (2, [(RED, CLEAR, CLEAR), (CLEAR, GREEN, CLEAR), (CLEAR, CLEAR, BLUE)]),
    "to what was before": (3, [(RED, CLEAR, CLEAR), (CLEAR, GREEN, CLEAR), (CLEAR, CLEAR, BLUE)]),
}


@pytest.mark.parametrize("format_", ["webp", "png"])
@pytest.mark.parametrize("how", DISPOSALS)
def test_gif_frames_are_disposed_of(how, format_):
    """A GIF's frames are disposed of as the file states, over a transparent canvas."""
    disposal, expected = DISPOSALS[how]
    whole = factories.gif_frame((0, 0, 6, 2), 0, transparent=0)
    parts = [
        factories.gif_frame((2 * at, 0, 2, 2), at + 1, disposal=disposal, transparent=0, delay=10 + at)
        for at in range(3)
    ]
    data = factories.gif((6, 2), PALETTE, whole, *parts)
    shown = [frame for frame, _ in frames(output(data, format=format_, animated=True, quality=100, effort=6))]
    assert difference(_seen(shown[0]), canvas(CLEAR, CLEAR, CLEAR)) == 0
    for frame, colours in zip(shown[1:], expected, strict=True):
        assert difference(_seen(frame), canvas(*colours)) <= 60


def _seen(image: Image.Image) -> Image.Image:
    """Return the picture with transparent pixels set to zero."""
    return Image.composite(image, Image.new("RGBA", image.size), image.getchannel("A").point(lambda a: 255 * (a > 0)))


@pytest.mark.parametrize(("blend", "expected"), [(0, (CLEAR, GREEN)), (1, (RED, GREEN))])
def test_apng_frames_are_blended(blend, expected):
    """An APNG frame replaces its area or is drawn over it, as the file states."""
    first = Image.new("RGBA", (4, 2), RED)
    second = canvas(CLEAR, GREEN)
    data = factories.encode(first, "PNG", save_all=True, append_images=[second], blend=blend, disposal=0, duration=100)
    shown = frames(output(data, animated=True))
    assert difference(_seen(shown[1][0]), canvas(*expected)) == 0


@pytest.mark.parametrize("format_", ["webp", "png"])
def test_a_first_frame_smaller_than_the_canvas_leaves_the_rest_clear(format_):
    """A GIF is transparent, and not black, where no frame has drawn yet, as in a browser."""
    small = factories.gif_frame((0, 0, 2, 2), 1)
    data = factories.gif((4, 2), PALETTE, small, factories.gif_frame((2, 0, 2, 2), 2))
    shown = [frame for frame, _ in frames(output(data, format=format_, animated=True, quality=100))]
    assert pixel(shown[0], (3, 1))[3] == 0
    assert pixel(picture(data, format="png").convert("RGBA"), (3, 1))[3] == 0


def test_a_still_rendition_is_the_first_frame():
    """Without `animated` the first frame alone is rendered."""
    for name in SOURCES:
        made = picture(factories.film(name, **FINEST[name]), format="webp", quality=100)
        assert getattr(made, "n_frames", 1) == 1
        assert_alike(made, drawn(0))


def test_jpeg_has_no_animation():
    """An animated rendition in JPEG is the first frame."""
    made = picture(factories.film("GIF"), format="jpeg", animated=True, quality=95)
    assert_alike(made, drawn(0))


def test_the_default_image_of_an_apng_is_not_a_frame():
    """The default image of an APNG is the still rendition and no frame of the animation."""
    first, *rest = (drawn(index).convert("RGB") for index in range(3))
    default = Image.new("RGB", (64, 48), "yellow")
    data = factories.encode(
        default, "PNG", save_all=True, append_images=[first, *rest], default_image=True, duration=[100, 200, 300]
    )
    assert len(frames(output(data, format="webp", animated=True))) == 3
    assert picture(data).getpixel((1, 1)) == (255, 255, 0)


@pytest.mark.parametrize("format_", OUTPUTS)
def test_animations_are_scaled_and_cut_like_stills(format_):
    """Each frame is scaled and cropped to the box."""
    made = output(factories.film("GIF"), format=format_, animated=True, width=24, height=24, fit="cover", quality=100)
    for index, (frame, _) in enumerate(frames(made)):
        reference = drawn(index).crop((8, 0, 56, 48)).resize((24, 24), Image.Resampling.LANCZOS)
        assert_alike(frame, reference, 4)


def test_transparent_animations_stay_transparent():
    """An animated logo keeps its transparent surroundings in every format that can be animated."""
    parts = [factories.gif_frame((at, 0, 2, 2), 1, disposal=2, transparent=0) for at in (0, 2, 4)]
    data = factories.gif((6, 2), PALETTE, *parts)
    for format_ in OUTPUTS:
        shown = frames(output(data, format=format_, animated=True, quality=100))
        assert [pixel(frame, (5, 1))[3] < 10 for frame, _ in shown] == [True, True, False], format_


@pytest.mark.parametrize("orientation", [3, 6])
def test_animations_are_turned_upright(orientation):
    """Each frame of a WebP with an orientation is rotated."""
    turn = factories.INVERSE_TURNS[orientation]
    first, *rest = (drawn(index).transpose(turn) for index in range(3))
    data = factories.encode(
        first, "WEBP", save_all=True, append_images=rest, lossless=True, duration=100, exif=factories.exif(orientation)
    )
    for index, (frame, _) in enumerate(frames(output(data, animated=True))):
        assert difference(frame, drawn(index)) == 0


def test_an_animation_larger_than_its_source_is_encoded_again_lower(qualities):
    """An animation of the source's size with more bytes is encoded once more, and the smaller one is taken."""
    scenes = [factories.scene(64, 48, seed=seed) for seed in (1, 2, 3)]
    data = factories.encode(scenes[0], "WEBP", save_all=True, append_images=scenes[1:], quality=5, duration=100)
    made = output(data, format="webp", animated=True, quality=80)
    assert qualities == [80, 60]
    assert len(frames(made)) == 3


def test_the_pixels_of_all_frames_are_limited():
    """An animation of more than 500 million pixels is `too-large`, and the detail says how to get a still picture."""
    frame = factories.gif_frame((0, 0, 1, 1), 1)
    data = factories.gif((4000, 4000), PALETTE, *[frame] * 40)
    with pytest.raises(TooLarge, match="animated: false"):
        output(data, format="webp", animated=True, width=9, height=9, memory=10_240)
    assert rendered(data, width=9, height=9).renditions[0].width == 9


def test_seeking_past_the_last_frame_raises_eof():
    """Seeking past the last frame raises EOFError, as in every animation of Pillow's."""
    film = Animation(3, lambda: lambda index: (drawn(index), 100))
    film.seek(2)
    assert film.tell() == 2
    with pytest.raises(EOFError):
        film.seek(3)


def test_a_frame_of_no_duration_stays_so():
    """A GIF without delays, which browsers slow down, is not made faster: at most a millisecond is added."""
    parts = [factories.gif_frame((0, 0, 2, 2), index, delay=0) for index in (1, 2)]
    data = factories.gif((2, 2), PALETTE, *parts)
    for format_ in OUTPUTS:
        assert {duration for _, duration in frames(output(data, format=format_, animated=True))} <= {0, 1}


def test_webp_animations_are_what_libwebp_shows():
    """A WebP whose frames cover parts of the canvas is composed as libwebp does."""
    image = io.BytesIO()
    first = canvas(RED, CLEAR)
    first.save(image, "WEBP", save_all=True, append_images=[canvas(RED, GREEN)], lossless=True, duration=100)
    shown = frames(output(image.getvalue(), animated=True))
    for (frame, _), colour in zip(shown, (CLEAR, GREEN), strict=True):
        assert difference(_seen(frame), canvas(RED, colour)) == 0
