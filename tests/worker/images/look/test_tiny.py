from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from worker.images.look.tiny import SIDE, tiny


@given(st.integers(1, 3_000), st.integers(1, 3_000), st.sampled_from(["L", "RGB"]))
def test_the_proportions_stay(width, height, mode):
    """No side is larger than `SIDE` or below one pixel; a picture that is small already is not enlarged."""
    small = tiny(Image.new(mode, (width, height)))
    longer = max(width, height)
    assert max(small.size) == min(SIDE, longer)
    scale = max(small.size) / longer
    assert abs(small.width - max(1, width * scale)) <= 0.5
    assert abs(small.height - max(1, height * scale)) <= 0.5


@pytest.mark.parametrize(("mode", "becomes"), [("L", "RGB"), ("RGB", "RGB"), ("LA", "RGBA"), ("RGBA", "RGBA")])
@pytest.mark.parametrize("side", [10, 1_000])
def test_all_modes_of_renditions_become_two(mode, becomes, side):
    """What makes the look knows only those."""
    assert tiny(Image.new(mode, (side, side))).mode == becomes


def test_every_pixel_counts():
    """A picture of black and white lines is grey: no line is left out."""
    image = Image.new("L", (960, 960))
    for line in range(0, 960, 2):
        image.paste(255, (0, line, 960, line + 1))
    assert {colour for _, colour in tiny(image).getcolors() or []} <= {(127, 127, 127), (128, 128, 128)}


def test_the_colour_under_transparent_pixels_does_not_show():
    """Red beside transparent green is half-transparent red."""
    image = Image.new("RGBA", (960, 960), (0, 255, 0, 0))
    for line in range(0, 960, 2):
        image.paste((255, 0, 0, 255), (0, line, 960, line + 1))
    assert {colour for _, colour in tiny(image).convert("RGB").getcolors() or []} == {(255, 0, 0)}
