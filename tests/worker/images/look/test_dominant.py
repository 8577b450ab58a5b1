from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from worker.images.look.dominant import WHITE, dominant


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def test_what_covers_most_gives_the_colour_and_not_the_mean():
    """Of a red car on a grey street it is the street's grey, not a pink that is nowhere."""
    image = Image.new("RGB", (24, 16), (120, 124, 128))
    image.paste((210, 20, 30), (8, 6, 16, 12))
    assert dominant(image) == "#787c80"


def test_shades_of_one_colour_count_together():
    """A sky of many blues outweighs a field of a single green that is smaller."""
    image = Image.linear_gradient("L").resize((24, 15)).point(lambda value: 200 + value // 8)
    sky = Image.merge("RGB", (Image.new("L", image.size, 90), Image.new("L", image.size, 150), image))
    sky.paste((40, 120, 30), (0, 10, 24, 15))
    red, green, blue = _channels(dominant(sky))
    assert (red, green) == (90, 150)
    assert 200 <= blue <= 232


@pytest.mark.parametrize("alpha", [0, 20, 100])
def test_what_is_hardly_seen_does_not_count(alpha):
    """The colour under transparent pixels is anything: black, most often."""
    image = Image.new("RGBA", (24, 16), (0, 0, 0, alpha))
    image.paste((200, 60, 40, 255), (0, 0, 5, 5))
    assert dominant(image) == "#c83c28"


def test_a_picture_that_is_half_transparent_throughout_has_its_colour():
    """A shadow or a watermark is no more than that anywhere."""
    assert dominant(Image.new("RGBA", (24, 16), (200, 60, 40, 40))) == "#c83c28"


def test_a_picture_that_shows_nothing_is_white():
    """It has no colour; a page has one."""
    assert dominant(Image.new("RGBA", (24, 16), (1, 2, 3, 0))) == WHITE


@given(st.integers(1, 24), st.integers(1, 24), st.integers(0), st.sampled_from(["RGB", "RGBA"]))
def test_every_picture_has_a_colour(width, height, seed, mode):
    """Of its own range: no channel of a picture in reds and blacks is green."""
    pixels = bytes(
        value if at % len(mode) != 1 else 0
        for at, value in enumerate(Random(seed).randbytes(len(mode) * width * height))
    )
    colour = dominant(Image.frombytes(mode, (width, height), pixels))
    assert re.fullmatch("#[0-9a-f]{6}", colour)
    assert colour == WHITE or colour[3:5] == "00"
