"""What `python -m ops html` prints, and what `embed.js` makes, is valid HTML by the checker that the W3C runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ops.pictures.html.markup import Options, html_of
from tests.ops.pictures.html.test_markup import SQUARE, THUMBNAIL, WEB, of
from tests.ops.support.manifests import ORIGIN, manifests
from tests.web.embed.checker import complaints
from tests.web.embed.site import opened

# vnu 26.9.27 takes `auto` in a <source> only where the <img> is the very next element: with two sources it asks the first
# for an attribute that the <img> has. So `auto` is not drawn; every recipe below has it with one source at most.
pytestmark = pytest.mark.soak  # The checker is a Java program.

MANY = st.lists(manifests(), min_size=20, max_size=20)
AVIF = ("hero", 2400, 2400, "inside", "avif")
OPTIONS: list[dict[str, Any]] = [
    {},
    {"is_picture": True, "alt": "Tom & 'Jerry' <\"asleep\">", "sizes": "(min-width: 800px) 800px, 100vw"},
    {"sizes": "auto"},
    {"is_eager": True, "renditions": ["thumbnail"]},
]


@settings(
    max_examples=2, phases=[Phase.reuse, Phase.generate]
)  # The checker names the fault; to shrink it takes hours.
@given(MANY, st.sampled_from(OPTIONS[:2]))
def test_whatever_the_key_is_the_markup_is_valid(many, options):
    """Twenty pictures a page, in every format and shape."""
    assert complaints("".join(f"<p>{html_of(made, Options(ORIGIN, **options))}</p>" for made in many)) == []


def test_every_option_leaves_it_valid():
    """Each kind of recipe under each."""
    recipes = [of(THUMBNAIL, WEB), of(THUMBNAIL, WEB, SQUARE, AVIF), of(THUMBNAIL), of(THUMBNAIL, thumbhash=None)]
    snippets = [html_of(made, Options(ORIGIN, **options)) for made in recipes for options in OPTIONS]
    assert complaints("".join(f"<p>{snippet}</p>" for snippet in snippets)) == []


def test_what_the_module_makes_is_valid_once_it_is_text_again(browser):
    """As the page copies it: an element's `outerHTML`."""
    script = """async ([manifest, origin]) => {
      const { image, picture } = await import("/embed.js");
      return image(manifest, { origin }).outerHTML + picture(manifest, { origin, alt: 'a "b" & <c>' }).outerHTML;
    }"""
    with opened(browser, "<!doctype html>") as page:
        texts = [page.evaluate(script, [made, ORIGIN]) for made in (of(THUMBNAIL, WEB), of(THUMBNAIL, WEB, AVIF))]
    assert complaints("".join(f"<p>{text}</p>" for text in texts)) == []


FAULTS = {
    "must also be specified": (
        'loading="lazy" decoding="async" sizes="(min-width: 1600px) 1600px, 100vw"',
        'loading="eager"',
    ),
    "identical to width": (" 256w", " 1600w"),
    "Expected width descriptor": (" 256w", " 256x"),
    "must have an “alt” attribute": (' alt=""', ""),
    "Expected units": ("100vw", "100%"),
    "“heigth”: Property “heigth” doesn't exist": ("height:auto", "heigth:auto"),
    "Bad value “late” for attribute “loading”": ('loading="lazy"', 'loading="late"'),
    "for attribute “src”": (' src="https', ' src="ht tps'),
}
"""What the checker says, and the fault in valid markup that it says it of."""


def test_the_checker_finds_what_could_be_wrong():
    """Or it would prove nothing: each kind of fault gets its complaint."""
    markup = html_of(of(THUMBNAIL, WEB), Options(ORIGIN))
    faulty = "".join(f"<p>{markup.replace(*fault)}</p>" for fault in FAULTS.values())
    told = complaints(faulty)
    assert len(told) == len(FAULTS), told
    assert [said for said in FAULTS if not any(said in complaint for complaint in told)] == [], told
