from __future__ import annotations

import base64
import io
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.worker.images.rendering import difference
from worker.images.look.placeholder import MAX_LENGTH, placeholder
from worker.images.look.tiny import SIDE

PREFIX = "data:image/webp;base64,"


def _opened(uri: str) -> Image.Image:
    assert uri.startswith(PREFIX)
    return Image.open(io.BytesIO(base64.b64decode(uri.removeprefix(PREFIX), validate=True)))


@given(st.integers(1, SIDE), st.integers(1, SIDE), st.integers(0), st.sampled_from(["RGB", "RGBA"]))
def test_every_picture_has_one_that_fits(width, height, seed, mode):
    """Noise, which no encoder makes small, is the worst there is."""
    image = Image.frombytes(mode, (width, height), Random(seed).randbytes(len(mode) * width * height))
    uri = placeholder(image)
    assert len(uri) <= MAX_LENGTH
    assert _opened(uri).format == "WEBP"


@pytest.mark.parametrize("size", [(24, 16), (16, 24), (24, 24), (24, 1), (1, 1)])
def test_it_looks_like_the_picture(size):
    """Of a simple picture it has every pixel, in about its colour."""
    image = Image.new("RGB", size, (200, 60, 40))
    image.paste((60, 80, 200), (size[0] // 2, 0, *size))
    inside = Image.new("RGB", size, (200, 60, 40))
    shown = _opened(placeholder(image)).convert("RGB")
    assert shown.size == size
    assert difference(shown.crop((0, 0, 1, 1)), (inside if size[0] > 1 else image).crop((0, 0, 1, 1))) < 30


def test_transparency_stays():
    """What is transparent in the picture is in its placeholder, and the rest is not."""
    image = Image.new("RGBA", (24, 24), (0, 0, 0, 0))
    image.paste((200, 60, 40, 255), (12, 0, 24, 24))
    alpha = _opened(placeholder(image)).getchannel("A")
    left, right = alpha.crop((0, 0, 8, 24)).tobytes(), alpha.crop((16, 0, 24, 24)).tobytes()
    assert max(left) < 30
    assert min(right) > 225
