from __future__ import annotations

import base64
import io
from itertools import combinations

import pytest
from PIL import Image

from tests.worker.images.pictures.factories import COLOURS, encode, film, quarters, scene, turned
from tests.worker.images.rendering import distance, pixel
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import Look, render

INSIDE = RenditionSpec("inside", 120, 120)
SMALL = RenditionSpec("small", 60, 60, format="jpeg")
CROP = RenditionSpec("crop", 40, 40, fit="cover")
WHOLE_COVER = RenditionSpec("cover", 60, 40, fit="cover")
MOVING = RenditionSpec("moving", 120, 120, animated=True)
MOVING_CROP = RenditionSpec("moving-crop", 8, 3, fit="cover", animated=True)


def _look(data: bytes, *specs: RenditionSpec, wanted: tuple[str, ...] | None = None) -> Look:
    names = [spec.name for spec in specs] if wanted is None else wanted
    return render(data, specs, wanted=names, memory_bytes=2**30).look


def _shown(look: Look) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(look.placeholder.partition(",")[2])))


def _is_quarters(look: Look) -> bool:
    """Whether the placeholder shows all of `quarters`, upright."""
    shown = _shown(look).convert("RGB")
    corners = [(0, 0), (shown.width - 1, 0), (0, shown.height - 1), (shown.width - 1, shown.height - 1)]
    return shown.width > shown.height and all(
        distance(pixel(shown, at), colour) < 60 for at, colour in zip(corners, COLOURS, strict=True)
    )


@pytest.mark.parametrize(
    "specs",
    [(INSIDE,), (CROP,), (INSIDE, CROP), (CROP, SMALL, INSIDE), (WHOLE_COVER, INSIDE), (RenditionSpec("x", 999, 999),)],
)
def test_it_is_of_the_whole_picture(specs):
    """Whatever a recipe crops: a page shows the look in the place of any of them."""
    assert _is_quarters(_look(encode(quarters(360, 240), "PNG"), *specs))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_upright(orientation):
    """As the renditions are."""
    assert _is_quarters(_look(turned(quarters(360, 240), orientation, "JPEG"), CROP, SMALL))


@pytest.mark.parametrize(
    "specs", [(INSIDE, SMALL, CROP), (CROP,), (MOVING, SMALL), (MOVING, MOVING_CROP), (MOVING_CROP,)]
)
@pytest.mark.parametrize(
    "data", [encode(scene(400, 300), "JPEG"), film("GIF"), film("WEBP")], ids=["JPEG", "GIF", "WEBP"]
)
def test_it_is_the_same_whichever_renditions_are_wanted(specs, data):
    """Where one was lost, or all are there and only the manifest is not, the page is to keep its look."""
    names = [spec.name for spec in specs]
    subsets = [subset for count in range(len(names) + 1) for subset in combinations(names, count)]
    assert len({_look(data, *specs, wanted=subset) for subset in subsets}) == 1


def test_an_animation_has_the_look_of_its_first_frame():
    """Also where no rendition is still, and where each is a crop."""
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue")]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    for specs in ([MOVING], [MOVING_CROP], [MOVING, SMALL]):
        assert _look(data, *specs).color == "#ff0000"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixels_has_one(mode):
    """Grey and transparent ones, too; transparency is kept, so that nothing shines through."""
    image = scene(300, 200, "RGB" if mode in ("1", "P", "I;16") else mode)
    image = (
        image.convert("I").point(lambda value: value * 256).convert("I;16") if mode == "I;16" else image.convert(mode)
    )
    look = _look(encode(image, "PNG"), SMALL, CROP)
    transparent = mode in ("LA", "RGBA")
    assert bool(base64.b64decode(look.thumbhash)[2] & 0x80) is transparent
    assert ("A" in _shown(look).getbands()) is transparent
    assert len(look.placeholder) <= 300


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3, 2)])
def test_the_oddest_sizes_have_one(size):
    """No side of anything becomes zero."""
    assert _look(encode(Image.new("RGB", size, "teal"), "PNG"), INSIDE, CROP).color == "#008080"
