from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, frames, output, picture, pixel
from worker.contracts.recipes.focus import CENTRE, STEPS, Focus
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import render
from worker.images.planning.fit import fit

SIDES = st.integers(1, 30_000)
BOXES = st.integers(1, 16_383)
PARTS = st.integers(0, STEPS)


def boxes(width, height, box_width, box_height, focus):
    """Yield each source that a crop is made from, with the crop: not scaled, as stored, and reduced while it is decoded."""
    target = fit((width, height), RenditionSpec("x", box_width, box_height, fit="cover", focus=focus))
    for source in {target.full, (width, height), (-(-width // 2), -(-height // 2))}:
        if source[0] >= target.full[0] and source[1] >= target.full[1]:
            yield source, target, target.box(source)


def centred(target, source):
    """Return the box as it was before there was a focus."""
    if source == target.full:
        x, y = (target.full[0] - target.size[0]) // 2, (target.full[1] - target.size[1]) // 2
        return x, y, x + target.size[0], y + target.size[1]
    width, height = (target.size[axis] * source[axis] / target.full[axis] for axis in (0, 1))
    left, top = (source[0] - width) / 2, (source[1] - height) / 2
    return max(0.0, left), max(0.0, top), min(source[0], left + width), min(source[1], top + height)


@given(SIDES, SIDES, BOXES, BOXES, PARTS, PARTS)
def test_a_crop_keeps_its_focus(width, height, box_width, box_height, x, y):
    """It is in the picture, has the size of a centred one, contains the focus, and has it in the middle where no edge is in the way."""
    focus = Focus(x, y)
    for source, target, box in boxes(width, height, box_width, box_height, focus):
        middle = centred(target, source)
        for axis, part in enumerate((focus.x, focus.y)):
            low, high, side, point = box[axis], box[axis + 2], source[axis], part * source[axis] / STEPS
            assert 0 <= low < high <= side
            assert abs((high - low) - (middle[axis + 2] - middle[axis])) < 1e-6
            assert low <= point <= high + 1e-6
            nearest = 0.5 if source == target.full else 1e-6
            assert low < 1e-6 or high > side - 1e-6 or abs((low + high) / 2 - point) <= nearest


@given(SIDES, SIDES, BOXES, BOXES)
def test_without_a_focus_a_crop_is_what_it_was_before_there_was_one(width, height, box_width, box_height):
    """Bit for bit, and so it is with the centre as its focus: nobody's pictures change."""
    for focus in (None, CENTRE):
        for source, target, box in boxes(width, height, box_width, box_height, focus):
            assert box == centred(target, source)


@pytest.mark.parametrize(("focus", "edge"), [("0,0.5", 0), ("1,0.5", 32), ("0.4,0", 10)])
def test_cover_crops_around_the_focus(focus, edge):
    """Of 64 x 32 pixels, a square of 32 begins where the focus wants it; nothing is resampled."""
    upright = factories.scene(64, 32)
    image = picture(factories.encode(upright, "PNG"), width=32, height=32, fit="cover", focus=Focus.parse(focus))
    assert difference(image, upright.crop((edge, 0, edge + 32, 32))) == 0


@pytest.mark.parametrize(("focus", "edge"), [("0,0.5", 0), ("1,0.5", 64), ("0.4,0", 19.2)])
def test_what_is_scaled_is_cropped_around_the_focus_too(focus, edge):
    """Of 128 x 64 pixels, the square of 64 around the focus becomes one of 32, beside a rendition of the whole."""
    upright = factories.scene(128, 64)
    square = RenditionSpec("square", 32, 32, fit="cover", focus=Focus.parse(focus), format="png")
    data, specs = factories.encode(upright, "PNG"), [RenditionSpec("whole", 128, 64), square]
    (made,) = render(data, specs, wanted=["square"], memory_bytes=2**30).renditions
    image = Image.open(io.BytesIO(made.data))
    part = upright.resize((32, 32), Image.Resampling.LANCZOS, (edge, 0, edge + 64, 64))
    assert difference(image.reduce(4), part.reduce(4)) <= 12
    other = upright.resize((32, 32), Image.Resampling.LANCZOS, (32, 0, 96, 64))
    assert difference(image.reduce(4), other.reduce(4)) > 12


@pytest.mark.parametrize(("focus", "colours"), [("0,0.5", ["red"]), ("1,0.5", ["blue", "lime", "white"])])
def test_every_frame_is_cropped_around_the_focus(focus, colours):
    """An animation is red on the left, and on the right another colour in each frame."""
    shown = []
    for colour in ("blue", "lime", "white"):
        frame = Image.new("RGB", (64, 32), colour)
        frame.paste("red", (0, 0, 32, 32))
        shown.append(frame)
    data = factories.encode(shown[0], "PNG", save_all=True, append_images=shown[1:], duration=100)
    made = output(data, width=32, height=32, fit="cover", focus=Focus.parse(focus), animated=True)
    found = list(dict.fromkeys(pixel(frame, (16, 16)) for frame, _ in frames(made)))
    assert found == [ImageColor.getcolor(colour, "RGBA") for colour in colours]


def test_the_focus_is_of_the_upright_picture():
    """A picture that is stored on its side has its top where people see it."""
    upright = factories.scene(32, 64)
    data = factories.turned(upright, 6, "PNG")
    image = picture(data, width=32, height=32, fit="cover", focus=Focus.parse("0.5,0"))
    assert difference(image, upright.crop((0, 0, 32, 32))) == 0
