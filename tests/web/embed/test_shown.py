"""Printed HTML in Chromium, while pictures come late: nothing moves, the placeholder is seen first, the right rendition is loaded."""

from __future__ import annotations

import io
from contextlib import contextmanager

import pytest
from PIL import Image

from ops.pictures.html.markup import Options, html_of
from tests.local.processes.waiting import eventually
from tests.ops.pictures.html.test_markup import OPAQUE, SIZE, TRANSPARENT
from tests.ops.support.manifests import ORIGIN, entry, look, manifest
from tests.web.embed.site import opened
from worker.contracts.recipes.specs import RenditionSpec

SIDES = {400: "lime", 800: "yellow", 1600: "aqua"}
"""Of the boxes, in pixels, each with its colour."""
SHIFTS = """() => new Promise((resolve) => {
  let shift = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) shift += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(shift))));
})"""


def webp(size, *colours):
    """Return a picture with these colours from left to right."""
    image = Image.new("RGB", size, colours[0])
    for number, colour in enumerate(colours[1:], 1):
        image.paste(colour, (size[0] * number // len(colours), 0, *size))
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True)
    return file.getvalue()


def made(thumbhash=OPAQUE):
    """Return the manifest of a picture in three sizes, beside a narrow crop; its placeholder is red and blue."""
    specs = [RenditionSpec(f"w{side}", side, side) for side in SIDES]
    renditions = [entry("tom, asleep.jpg", SIZE, spec) for spec in (*specs, RenditionSpec("crop", 380, 380, "cover"))]
    return manifest("tom, asleep.jpg", SIZE, renditions, look(SIZE, thumbhash, webp((12, 8), "red", "blue")))


class Pictures:
    """Answers for the delivery, when it is let."""

    def __init__(self):
        self.waiting = []

    def __call__(self, route):
        self.waiting.append(route)

    def let_go(self):
        """Answer all that has been asked for with a picture of the right size and colour."""
        for route in self.waiting:
            side = int(route.request.url.partition("/w")[2].partition("/")[0])
            body = webp((side, round(side * 2 / 3)), SIDES[side])
            route.fulfill(body=body, content_type="image/webp", headers={"Access-Control-Allow-Origin": "*"})


@contextmanager
def shown(browser, markup, width=800, policy=""):
    """Open a page with the markup between two paragraphs; return it, and its pictures once one is asked for."""
    html = f"<!doctype html><style>body {{ margin: 0 }}</style><p>Above</p>{markup}<p>Below</p>"
    pictures = Pictures()
    with opened(browser, html, width=width, policy=policy, pictures=pictures, wait_until="commit") as page:
        page.locator("img").wait_for(state="attached")
        # What it asks for is handed over while it is asked itself.
        eventually(lambda: page.evaluate("true") and pictures.waiting, 20, every=0.05)
        yield page, pictures


def loaded(page, pictures):
    """Let the pictures come, and wait until they are there."""
    pictures.let_go()
    page.wait_for_function("() => [...document.images].every((image) => image.complete && image.naturalWidth)")


def seen(page):
    """Return the colour in the left and the right half of the picture's place."""
    image = Image.open(io.BytesIO(page.locator("img").screenshot())).convert("RGB")
    return [image.getpixel((image.width * quarter // 4, image.height // 2)) for quarter in (1, 3)]


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_nothing_moves_and_the_right_rendition_is_loaded(browser, width):
    """At a telephone's, a tablet's and a screen's width; never the crop, which would be narrow enough for the first."""
    with shown(browser, html_of(made(), Options(ORIGIN)), width) as (page, pictures):
        loaded(page, pictures)
        assert page.evaluate(SHIFTS) == 0
        right = min(side for side in SIDES if side >= width)
        assert len(pictures.waiting) == 1
        assert page.evaluate("document.images[0].currentSrc").startswith(f"{ORIGIN}/w{right}/")
        box = page.locator("img").bounding_box()
        assert box["width"] == width
        assert abs(box["height"] - width * 2 / 3) < 1


def test_without_width_and_height_something_moves(browser):
    """Or the test above would prove nothing."""
    markup = html_of(made(), Options(ORIGIN)).replace(' width="1600" height="1067"', "")
    with shown(browser, markup) as (page, pictures):
        loaded(page, pictures)
        assert page.evaluate(SHIFTS) > 0


def test_the_placeholder_is_seen_first_and_hidden_by_the_picture(browser):
    """Red and blue, and then the rendition's own colour."""
    with shown(browser, html_of(made(), Options(ORIGIN))) as (page, pictures):
        before = seen(page)
        loaded(page, pictures)
        assert [max(zip(colour, "rgb", strict=True))[1] for colour in before] == ["r", "b"]
        assert seen(page) == [(255, 255, 0)] * 2


def test_behind_a_transparent_picture_the_page_is_seen(browser):
    """Neither the placeholder nor its colour."""
    with shown(browser, html_of(made(TRANSPARENT), Options(ORIGIN))) as (page, _):
        assert seen(page) == [(255, 255, 255)] * 2


@pytest.mark.parametrize(
    ("styles", "there"),
    [("style-src-attr 'unsafe-inline'; ", True), ("style-src 'unsafe-inline'; ", True), ("", False)],
)
def test_what_the_page_s_policy_has_to_allow(browser, styles, there):
    """As the documentation says; a stricter one costs the placeholder, and no picture."""
    policy = f"default-src 'none'; {styles}img-src {ORIGIN} data:"
    with shown(browser, html_of(made(), Options(ORIGIN)), policy=policy) as (page, pictures):
        assert (page.locator("img").evaluate("(image) => getComputedStyle(image).backgroundImage") != "none") is there
        loaded(page, pictures)
