"""ThumbHash against thash, a fork of PyPI's thumbhash, which ends with a TypeError where anything is transparent (its issue 1)."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from thash import _pure, thumb_hash_to_rgba

from tests.worker.images.rendering import pixel
from worker.images.look.thumbhash import thumbhash

SIDES = st.integers(1, 32)


@pytest.fixture(autouse=True)
def _halves_up(monkeypatch):
    """Have the other implementation round as the first one, in JavaScript, does: halves up, where Python's go to the even."""
    monkeypatch.setattr(_pure, "round", lambda value: math.floor(value + 0.5), raising=False)


def _noise(width: int, height: int, seed: int, *, alpha: bool) -> Image.Image:
    """Return a picture whose terms are never halfway between two steps: of a pattern, some are."""
    image = Image.frombytes("RGBA", (width, height), Random(seed).randbytes(4 * width * height))
    return image if alpha else image.convert("RGB")


def _others(image: Image.Image) -> bytes:
    return bytes(_pure.rgba_to_thumb_hash(*image.size, list(image.convert("RGBA").tobytes())))


@given(st.integers(7, 32), st.integers(7, 32), st.integers(0), st.booleans())
def test_the_bytes_are_those_of_another_implementation(width, height, seed, alpha):
    """Whoever draws ThumbHashes draws ours."""
    image = _noise(width, height, seed, alpha=alpha)
    assert thumbhash(image) == _others(image)


@given(SIDES, SIDES, st.integers(0), st.booleans())
def test_of_few_pixels_nothing_differs_by_more_than_a_step(width, height, seed, alpha):
    """There, a value may be halfway between two steps but for the rounding of the last bit, which may fall to either side."""
    image = _noise(width, height, seed, alpha=alpha)
    ours, others = _steps(thumbhash(image)), _steps(_others(image))
    assert len(ours) == len(others)
    assert max(abs(a - b) for a, b in zip(ours, others, strict=True)) <= 1


def _steps(found: bytes) -> list[int]:
    """Return every field of a ThumbHash."""
    first, second = int.from_bytes(found[:3], "little"), int.from_bytes(found[3:5], "little")
    head = [
        *(first >> shift & 63 for shift in (0, 6, 12)),
        first >> 18 & 31,
        second & 7,
        second >> 3 & 63,
        second >> 9 & 63,
    ]
    return [*head, first >> 23, second >> 15, *(byte >> shift & 15 for byte in found[5:] for shift in (0, 4))]


@pytest.mark.parametrize("size", [(24, 12), (12, 24), (24, 24)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_hash_shows_the_picture(size, mode):
    """Drawn by another implementation, the left half is red and the right one blue, in about the picture's proportions."""
    image = Image.new(mode, size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    width, height, rgba = thumb_hash_to_rgba(list(thumbhash(image)))
    drawn = Image.frombytes("RGBA", (width, height), bytes(rgba))
    assert (width > height, width < height) == (size[0] > size[1], size[0] < size[1])
    (left_red, _, left_blue, _), (right_red, _, right_blue, _) = (
        pixel(drawn, (x, height // 2)) for x in (width // 5, width - 1 - width // 5)
    )
    assert left_red > left_blue + 100
    assert right_blue > right_red + 100


@pytest.mark.parametrize(("alpha", "flag"), [(255, 0), (254, 0x80), (0, 0x80)])
def test_a_flag_says_whether_anything_is_transparent(alpha, flag):
    """Pages go by it: a placeholder would shine through."""
    image = Image.new("RGBA", (24, 16), "green")
    image.putpixel((3, 4), (0, 128, 0, alpha))
    assert thumbhash(image)[2] & 0x80 == flag


@pytest.mark.parametrize("colour", ["black", "white", "gray", (10, 20, 30, 0), (255, 255, 255, 128)])
def test_one_colour_has_a_hash(colour):
    """Without any frequency but the mean, nothing is divided by zero."""
    assert 5 < len(thumbhash(Image.new("RGBA", (24, 24), colour))) < 30
