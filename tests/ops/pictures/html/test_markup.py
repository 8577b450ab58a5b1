from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.pictures.html.markup import Options, html_of
from ops.terminal.errors import Misuse
from tests.ops.support.manifests import ORIGIN, entry, look, manifest, manifests
from worker.contracts.recipes.specs import RenditionSpec

SIZE = (3000, 2000)
OPAQUE, TRANSPARENT = bytes([1, 2, 0x7F, 4, 5]), bytes([1, 2, 0x80, 4, 5])


class Parsed(HTMLParser):
    """What a parser finds in markup: tags with their attributes, in order."""

    def __init__(self, markup):
        super().__init__()
        self.tags = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        raise AssertionError(data)

    @property
    def image(self):
        """Attributes of the `<img>`, which is the last tag."""
        name, attributes = self.tags[-1]
        assert name == "img"
        return attributes

    @property
    def types(self):
        """What the sources say that they are of."""
        return [attributes["type"] for name, attributes in self.tags if name == "source"]


def widths(attributes):
    """Return address by width of a `srcset`; no address has a space or a comma."""
    candidates = [candidate.split(" ") for candidate in attributes["srcset"].split(", ")]
    assert all(re.fullmatch(r"[1-9]\d*w", width) for _, width in candidates)
    assert len(dict.fromkeys(width for _, width in candidates)) == len(candidates)
    return {int(width[:-1]): address for address, width in candidates}


def parsed(made, **options):
    """Return what is parsed of the markup for a manifest."""
    return Parsed(html_of(made, Options(ORIGIN, **options)))


def of(*specs, thumbhash=OPAQUE, size=SIZE):
    """Return the manifest of a picture, of 3,000 x 2,000 pixels, with these renditions."""
    made = [entry("tom.jpg", size, RenditionSpec(*spec), version="ab12") for spec in specs]
    return manifest("tom.jpg", size, made, look(size, thumbhash) if thumbhash else None)


THUMBNAIL, WEB = ("thumbnail", 256, 256), ("web", 1600, 1600)
SQUARE = ("square", 96, 96, "cover")


def test_the_markup_of_the_stack_s_recipe():
    """All attributes, as they are pasted."""
    assert html_of(of(WEB, THUMBNAIL), Options(ORIGIN)) == (
        '<img alt="" width="1600" height="1067" loading="lazy" decoding="async"'
        ' sizes="(min-width: 1600px) 1600px, 100vw"'
        ' srcset="https://pictures.example.org/thumbnail/tom.jpg.webp?v=ab12 256w,'
        ' https://pictures.example.org/web/tom.jpg.webp?v=ab12 1600w"'
        ' src="https://pictures.example.org/web/tom.jpg.webp?v=ab12"'
        ' style="max-width:100%;height:auto;background:#a1b2c3'
        ' url(&quot;data:image/webp;base64,dGlueQ==&quot;) center / cover no-repeat">'
    )


@given(manifests(), st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.booleans())
def test_every_address_is_of_a_rendition_of_the_picture_s_own_width(made, alt, wrapped):
    """Whatever the key: true widths in ascending order, each once, of one shape; the alternative text comes back as it was."""
    found = parsed(made, alt=alt, is_picture=wrapped)
    by_address = {}
    for each in made["renditions"]:
        version = f"?v={each['version']}" if "version" in each else ""
        by_address[f"{ORIGIN}/{each['key']}{version}"] = each

    def rendition(address):
        path, _, version = address.partition("?")
        return by_address[unquote(path) + (f"?{version}" if version else "")]

    shown: list[dict[str, Any]] = []
    for name, attributes in found.tags:
        if name == "picture":
            continue
        candidates = widths(attributes)
        assert list(candidates) == sorted(candidates)
        assert attributes["sizes"]
        renditions = {width: rendition(address) for width, address in candidates.items()}
        assert all(each["width"] == width for width, each in renditions.items())
        shown += renditions.values()
    image = found.image
    assert image["alt"] == alt
    assert image["src"] == widths(image)[max(widths(image))]
    largest = max(shown, key=lambda each: each["width"])
    assert int(image["width"]) == largest["width"]
    size = made["source"]["width"], made["source"]["height"]
    whole = [each for each in made["renditions"] if is_whole(each, size)]
    assert all(is_whole(each, size if whole else (largest["width"], largest["height"])) for each in shown)
    assert {each["width"] for each in whole} in ({each["width"] for each in shown}, set())


def is_whole(rendition, size):
    """Whether one side is what rounding to a whole pixel makes of the other."""
    width, height = size
    by_width, by_height = rendition["width"] * height / width, rendition["height"] * width / height
    return abs(rendition["height"] - by_width) <= 1 or abs(rendition["width"] - by_height) <= 1


def test_a_crop_is_no_candidate():
    """A browser would take it because it is narrow; by its name it is shown alone."""
    made = of(WEB, THUMBNAIL, SQUARE)
    assert list(widths(parsed(made).image)) == [256, 1600]
    image = parsed(made, renditions=["square"]).image
    assert (list(widths(image)), image["width"], image["height"]) == ([96], "96", "96")


def test_where_there_are_only_crops_they_are_shown():
    """Those of the largest one's shape."""
    assert list(widths(parsed(of(SQUARE, ("small", 48, 48, "cover"), ("wide", 90, 20, "cover"))).image)) == [48, 96]


def test_of_one_width_the_lightest_is_a_candidate():
    """A small original has renditions that differ by their quality alone."""
    size = (100, 50)
    made = [
        entry("a.png", size, RenditionSpec(name, 200, 200), weight) for name, weight in (("x", 9), ("y", 7), ("z", 8))
    ]
    assert list(widths(parsed(manifest("a.png", size, made)).image).values()) == [f"{ORIGIN}/y/a.png.webp"]


def test_a_format_that_some_browsers_lack_has_a_source():
    """AVIF before WebP before the others; `<picture>` where one asks for it, even of a single format."""
    made = of(("a", 256, 256, "inside", "jpeg"), ("b", 256, 256), ("c", 256, 256, "inside", "avif"))
    found = parsed(made)
    assert found.tags[0][0] == "picture"
    assert found.types == ["image/avif", "image/webp"]
    assert found.image["src"].endswith("/a/tom.jpg.jpeg?v=ab12")
    assert [name for name, _ in parsed(of(WEB), is_picture=True).tags] == ["picture", "img"]
    assert [name for name, _ in parsed(of(WEB)).tags] == ["img"]


def test_widths_that_a_format_lacks_come_from_those_that_every_browser_with_it_knows():
    """A large AVIF beside small WebPs: a telephone that knows AVIF was to load the large one for a thumbnail."""
    found = parsed(of(THUMBNAIL, WEB, ("hero", 2400, 2400, "inside", "avif")))
    source = widths(found.tags[1][1])
    assert [address.partition("?")[0].rpartition(".")[2] for address in source.values()] == ["webp", "webp", "avif"]
    assert list(widths(found.image)) == [256, 1600]


@pytest.mark.parametrize("thumbhash", [TRANSPARENT, None])
def test_a_background_is_only_behind_what_hides_it(thumbhash):
    """It would shine through a transparent picture; a former worker's manifest has none."""
    assert parsed(of(WEB, thumbhash=thumbhash)).image["style"] == "max-width:100%;height:auto"


def test_what_is_seen_at_once_is_loaded_at_once():
    """Not lazily."""
    assert parsed(of(WEB), is_eager=True).image["loading"] == "eager"
    assert parsed(of(WEB)).image["loading"] == "lazy"


def test_text_that_a_terminal_does_not_show_comes_back_too():
    """A joined emoji is one again; a line end or an escape is a space, as it is where a browser shows the text."""
    alt = "Tom &\nJerry \u200d\x1b\x91\"'"
    markup = html_of(of(WEB), Options(ORIGIN, alt=alt))
    assert markup.isprintable()
    assert Parsed(markup).image["alt"] == "Tom & Jerry \u200d  \"'"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["web", "nope"], r"no rendition nope; it has square, thumbnail, web\."),
        (["web", "square"], "square and web have different shapes.* name those of one shape"),
    ],
)
def test_renditions_that_are_no_choice_are_refused(names, said):
    """One that is not there, and two of which the narrower one is a crop."""
    with pytest.raises(Misuse, match=said):
        html_of(of(WEB, THUMBNAIL, SQUARE), Options(ORIGIN, renditions=names))


@pytest.mark.parametrize("sizes", ["", " ", "50%", "300", "(min-width: 800px) 300, 100vw", "calc(50% - 1px)"])
def test_sizes_that_no_browser_takes_are_refused(sizes):
    """A length without its unit, and a share of the parent."""
    with pytest.raises(Misuse, match="lengths with a unit, such as"):
        Options(ORIGIN, sizes=sizes)


@pytest.mark.parametrize(
    "sizes", ["0", "1.5em", "auto", "auto, 100vw", "(width > 2px) calc(50vw - 2 * 1px), min(9em, 50vw)"]
)
def test_sizes_that_browsers_take_are_passed_on(sizes):
    """As they are."""
    assert parsed(of(WEB), sizes=sizes).image["sizes"] == sizes


def test_sizes_that_the_browser_finds_need_lazy_loading():
    """It knows the width only after it has laid out the page."""
    with pytest.raises(Misuse, match="leave --eager out"):
        Options(ORIGIN, sizes="auto", is_eager=True)


@pytest.mark.parametrize("key", ["../a.jpg", "a/./b.jpg", "a/.."])
def test_a_key_that_a_browser_would_change_is_refused(key):
    """It would ask for another picture, and perhaps get it."""
    made = {**of(WEB), "source": {**of(WEB)["source"], "key": key}}
    with pytest.raises(Misuse, match="upload it under another key"):
        html_of(made, Options(ORIGIN))
    assert html_of({**made, "source": {**made["source"], "key": "a..b/.c"}}, Options(ORIGIN))
