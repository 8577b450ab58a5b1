from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, distance, picture, pixel, rendered
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import render
from worker.images.planning.fit import fit

SIDES = st.integers(1, 30_000)
BOXES = st.integers(1, 16_383)


def size_of(source: tuple[int, int], box: tuple[int, int], fit_: str = "inside") -> tuple[int, int]:
    """Return the size that a picture gets."""
    return fit(source, RenditionSpec("x", *box, fit=fit_)).size


@pytest.mark.parametrize(
    ("source", "box", "inside", "cover"),
    [
        ((4000, 3000), (256, 256), (256, 192), (256, 256)),
        ((3000, 4000), (256, 256), (192, 256), (256, 256)),
        ((1000, 500), (100, 200), (100, 50), (100, 200)),
        ((100, 80), (256, 256), (100, 80), (80, 80)),
        ((1000, 1000), (2400, 1200), (1000, 1000), (1000, 500)),
        ((100, 400), (200, 200), (50, 200), (100, 100)),
        ((1, 20_000), (256, 256), (1, 256), (1, 1)),
        ((20_000, 1), (256, 256), (256, 1), (1, 1)),
        ((3, 2), (1, 1), (1, 1), (1, 1)),
        ((1001, 667), (500, 500), (500, 333), (500, 500)),
        ((16_384, 16_383), (16_383, 16_383), (16_383, 16_382), (16_383, 16_383)),
    ],
)
def test_sizes_are_exact(source, box, inside, cover):
    """`inside` fits the whole picture, `cover` fills the box; neither enlarges, no side is below one pixel."""
    assert size_of(source, box) == inside
    assert size_of(source, box, "cover") == cover


@given(SIDES, SIDES, BOXES, BOXES, st.sampled_from(("inside", "cover")))
def test_no_rendition_is_larger_than_its_box_or_its_source(width, height, box_width, box_height, fit_):
    """Whatever the sizes, a rendition has between one pixel and the lesser of box and source on each side."""
    made = size_of((width, height), (box_width, box_height), fit_)
    assert 1 <= made[0] <= min(width, box_width)
    assert 1 <= made[1] <= min(height, box_height)


@given(SIDES, SIDES, BOXES, BOXES)
def test_inside_touches_the_box_and_keeps_the_proportions(width, height, box_width, box_height):
    """`inside` is as large as the box allows, and no side is more than half a pixel from the exact proportion."""
    made = size_of((width, height), (box_width, box_height))
    assert made == (width, height) or made[0] == box_width or made[1] == box_height
    scale = min(1, box_width / width, box_height / height)
    assert all(abs(got - max(1, side * scale)) <= 0.5 + 1e-6 for got, side in zip(made, (width, height), strict=True))


@given(SIDES, SIDES, BOXES, BOXES)
def test_cover_has_the_shape_of_its_box_and_is_as_large_as_the_source_allows(width, height, box_width, box_height):
    """A grid of crops is even, small pictures included: no side is more than half a pixel from the exact shape."""
    made = size_of((width, height), (box_width, box_height), "cover")
    scale = min(1, width / box_width, height / box_height)
    exact = (box_width * scale, box_height * scale)
    assert all(abs(got - max(1, side)) <= 0.5 + 1e-6 for got, side in zip(made, exact, strict=True))


@pytest.mark.parametrize("size", [(1, 20_000), (20_000, 1)])
@pytest.mark.parametrize("fit_", ["inside", "cover"])
@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_a_line_of_a_picture_becomes_a_line(size, fit_, name):
    """1 x 20,000 pixels are rendered at 1 x 256, and cropped to a square at 1 x 1: nothing is rounded to zero."""
    data = factories.encode(Image.new("RGB", size, "red"), name)
    image = picture(data, width=256, height=256, fit=fit_)
    assert image.size == (tuple(min(side, 256) for side in size) if fit_ == "inside" else (1, 1))
    assert distance(pixel(image), (255, 0, 0)) <= 2


def test_inside_is_what_lanczos_makes_of_the_whole_picture():
    """A reduced rendition is Pillow's own Lanczos of the full picture, within 2 of 255 in areas of four by four."""
    upright = factories.scene(800, 600)
    made = picture(factories.encode(upright, "PNG"), width=200, height=200)
    reference = upright.resize((200, 150), Image.Resampling.LANCZOS)
    assert difference(made.reduce(4), reference.reduce(4)) <= 2


def test_cover_is_centred():
    """`cover` crops the same amount on both sides."""
    data = factories.encode(factories.quarters(96, 64), "PNG")
    image = picture(data, width=32, height=32, fit="cover")
    reference = factories.quarters(96, 64).crop((16, 0, 80, 64)).resize((32, 32), Image.Resampling.LANCZOS)
    assert image.size == (32, 32)
    assert difference(image.crop((0, 0, 15, 15)), reference.crop((0, 0, 15, 15))) <= 4
    assert difference(image.crop((17, 17, 32, 32)), reference.crop((17, 17, 32, 32))) <= 4


def test_cover_without_scaling_cuts_whole_pixels():
    """If only one side exceeds the box, nothing is resampled: the pixels are the source's."""
    upright = factories.scene(81, 40)
    image = picture(factories.encode(upright, "PNG"), width=40, height=40, fit="cover")
    assert difference(image, upright.crop((20, 0, 60, 40))) == 0


@pytest.mark.parametrize("format_", ["webp", "avif", "jpeg", "png"])
def test_a_small_picture_is_not_enlarged(format_):
    """A picture smaller than the box keeps its size in every format."""
    data = factories.encode(factories.quarters(30, 20), "PNG")
    made = rendered(data, width=1600, height=1600, format=format_)
    assert (made.renditions[0].width, made.renditions[0].height) == (30, 20)


def test_renditions_do_not_depend_on_which_others_are_wanted():
    """A rendition made alone has the same bytes as one made together with others."""
    data = factories.encode(factories.scene(900, 700), "JPEG", quality=90)
    specs = [
        RenditionSpec("large", 600, 600),
        RenditionSpec("small", 100, 100),
        RenditionSpec("square", 90, 90, fit="cover", format="jpeg"),
    ]
    together = {
        r.name: r.data for r in render(data, specs, wanted=["large", "small", "square"], memory_bytes=2**30).renditions
    }
    for name, expected in together.items():
        (alone,) = render(data, specs, wanted=[name], memory_bytes=2**30).renditions
        assert alone.data == expected
