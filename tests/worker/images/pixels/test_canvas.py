"""GIF and APNG are composed as their specifications say, compared with a compositor that is written from them."""

from __future__ import annotations

import io
import struct
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.worker.images.pictures import animations, factories, profiles
from tests.worker.images.rendering import frames, output, picture, pixel, rendered
from worker.images.headers.reading import read_header
from worker.images.pixels.decoding import frames_of

if TYPE_CHECKING:
    from tests.worker.images.pictures.animations import Film, Rows

DRAW = {"APNG": animations.draw_apng, "GIF": animations.draw_gif}


def assert_shows(image: Image.Image, rows: Rows) -> None:
    """Compare pixel by pixel: equal within the roundings of five blends, which a small alpha magnifies."""
    found = struct.iter_unpack("4B", image.convert("RGBA").tobytes())
    expected = [pixel for row in rows for pixel in row]
    for at, (made, meant) in enumerate(zip(found, expected, strict=True)):
        slack = 1 + (0 if meant[3] == 255 else 300 // max(1, meant[3]))
        assert abs(made[3] - meant[3]) <= 2, (at, made, meant)
        assert meant[3] == 0 or all(abs(a - b) <= slack for a, b in zip(made[:3], meant[:3], strict=True)), (
            at,
            made,
            meant,
        )


def shown_at(film: list[tuple[Image.Image, int]], moment: float) -> Image.Image:
    """Return the frame that is shown then, in milliseconds from the start."""
    ends = accumulate(duration for _, duration in film)
    return next(image for (image, _), end in zip(film, ends, strict=True) if moment < end)


@pytest.mark.parametrize("kind", DRAW)
@given(seed=st.integers(0, 2**32))
def test_every_frame_is_what_the_specification_says(kind, seed):
    """Any rectangles, disposals, blendings, palettes and transparencies: pixel by pixel, with its duration."""
    film = DRAW[kind](seed)
    header = read_header(film.data)
    decode = frames_of(header)
    assert (header.frames, header.plays) == (len(film.shown), film.plays)
    for index, (rows, duration) in enumerate(film.shown):
        image, delay = decode(index)
        assert delay == duration
        assert header.transparent or image.convert("RGBA").getchannel("A").getextrema() == (255, 255)
        assert_shows(image, rows)


@pytest.mark.parametrize("kind", DRAW)
@given(seed=st.integers(0, 2**32))
def test_an_animated_rendition_shows_what_its_source_shows(kind, seed):
    """At every moment the lossless rendition shows the frame of the source; both are equally long.

    Pillow writes no animation if all frames are alike.
    """
    film: Film = DRAW[kind](seed)
    made = frames(output(film.data, animated=True))
    total = sum(duration for _, duration in film.shown)
    if len(made) == 1:
        made = [(made[0][0], total)]
    assert sum(duration for _, duration in made) == total
    start = 0
    for rows, duration in film.shown:
        assert_shows(shown_at(made, start + duration / 2), rows)
        start += duration


@pytest.mark.parametrize("kind", DRAW)
@given(seed=st.integers(0, 2**32))
def test_a_still_rendition_shows_the_first_frame(kind, seed):
    """A GIF's still rendition is its first frame; an APNG's is its default image, which often is the first frame."""
    film = DRAW[kind](seed)
    image = Image.open(io.BytesIO(output(film.data)))
    if film.data.find(b"IDAT") > film.data.find(b"fcTL"):
        assert_shows(image, film.shown[0][0])


def test_the_profile_of_a_grey_animation_counts():
    """Frames in grey are composed in grey, so that a profile for grey fits them, as it fits a still picture."""
    greys = [Image.new("L", (8, 8), value) for value in (64, 128)]
    options = {"icc_profile": profiles.grey_profile(1.0)}
    film = factories.encode(greys[0], "PNG", save_all=True, append_images=greys[1:], duration=100, **options)
    made = rendered(film, animated=True)
    assert made.notes == ()
    for (frame, _), grey in zip(frames(made.renditions[0].data), greys, strict=True):
        still = picture(factories.encode(grey, "PNG", **options))
        assert pixel(frame)[0] == pixel(still.convert("RGBA"))[0] > 127
