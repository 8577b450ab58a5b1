"""`web/embed.js` in Chromium: the same elements as `python -m ops html` prints, and what the browser reads out of them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.pictures.html.markup import Options, html_of
from ops.terminal.errors import Misuse
from tests.ops.pictures.html.test_markup import OPAQUE, SQUARE, THUMBNAIL, TRANSPARENT, WEB, Parsed, of, widths
from tests.ops.support.manifests import ORIGIN, manifests
from tests.web.embed.site import EMBED, HOST, opened
from worker.contracts.addresses import address

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
drawn = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
STRICT = "default-src 'none'; script-src 'self'; img-src https: data:"
BOTH = """async ([manifest, options, wrapped, markup]) => {
  const { image, picture } = await import("/embed.js");
  const made = (wrapped ? picture : image)(manifest, options);
  const pasted = document.createElement("template");
  pasted.innerHTML = markup;
  const facts = (element) => [element.tagName, Object.fromEntries([...element.attributes].map(({ name, value }) =>
    [name, name === "style" ? element.style.cssText : value])), [...element.children].map(facts)];
  return [facts(made), ...[...pasted.content.childNodes].map(facts)];
}"""
TAKEN = """async ([markup, asked]) => {
  const pasted = document.createElement("template");
  pasted.innerHTML = markup;
  const tags = [...pasted.content.querySelectorAll("[srcset]")];
  return Promise.all(asked.map(async ([tag, width]) => {
    const img = new Image();
    const ended = new Promise((resolve) => { img.onload = img.onerror = resolve; });
    Object.assign(img, { sizes: `${width}px`, srcset: tags[tag].srcset });
    await ended;
    return img.currentSrc;
  }));
}"""


@pytest.fixture(scope="module")
def page(browser):
    """Return an empty page of a site that serves the module."""
    with opened(browser, "<!doctype html>") as page:
        yield page


@pytest.fixture(scope="module")
def strict_page(browser):
    """Return one whose policy forbids inline styles."""
    with opened(browser, "<!doctype html>", policy=STRICT) as page:
        yield page


def test_the_module_is_small_and_depends_on_nothing():
    """One file that people copy into a site of their own."""
    text = EMBED.read_text()
    assert len(text.encode()) < 3000
    assert "import " not in text
    assert "innerHTML" not in text


@drawn
@given(manifests(), TEXTS, st.sampled_from([None, "auto", "50vw", "(min-width: 9px) 9px, 7em"]), st.booleans())
def test_the_module_makes_what_the_command_prints(page, made, alt, sizes, wrapped):
    """On any manifest: the same elements with the same attributes."""
    options = {"alt": alt, "origin": ORIGIN, **({"sizes": sizes} if sizes else {})}
    markup = html_of(made, Options(ORIGIN, sizes, alt, is_picture=wrapped))
    built, *printed = page.evaluate(BOTH, [made, options, wrapped, markup])
    assert [built] == printed
    assert built[0] == ("IMG" if markup.startswith("<img") else "PICTURE")


@drawn
@given(manifests())
def test_chromium_finds_every_candidate_in_the_markup(page, made):
    """Whatever is in the key: asked for each of the widths, it takes the rendition of that width."""
    markup = html_of(made, Options(ORIGIN))
    tags = [attributes for _, attributes in Parsed(markup).tags if "srcset" in attributes]
    asked = [(tag, width) for tag, attributes in enumerate(tags) for width in widths(attributes)]
    for (_, width), taken in zip(asked, page.evaluate(TAKEN, [markup, asked]), strict=True):
        those = [each for each in made["renditions"] if each["width"] == width]
        assert taken in {address(ORIGIN, each["key"], each.get("version")) for each in those}


@pytest.mark.parametrize("names", [["square"], ["web"], ["web", "thumbnail"]])
def test_renditions_can_be_named(page, names):
    """As the command takes them; and a page can load one at once."""
    made = of(THUMBNAIL, WEB, SQUARE)
    options = {"origin": ORIGIN, "renditions": names, "loading": "eager"}
    built, printed = page.evaluate(
        BOTH, [made, options, False, html_of(made, Options(ORIGIN, renditions=names, is_eager=True))]
    )
    assert built == printed


@pytest.mark.parametrize("names", [["square", "web"], ["nope"]])
def test_renditions_that_are_no_choice_are_refused(page, names):
    """By both, with their names."""
    made = of(THUMBNAIL, WEB, SQUARE)
    with pytest.raises(Misuse):
        html_of(made, Options(ORIGIN, renditions=names))
    with pytest.raises(Exception, match=names[0]):
        page.evaluate(BOTH, [made, {"origin": ORIGIN, "renditions": names}, False, ""])


def test_without_an_origin_the_manifest_s_addresses_are_taken(page):
    """Those that the worker wrote where the stack delivers; where it does not, the page has to name one."""
    made = of(THUMBNAIL, WEB)
    with pytest.raises(Exception, match="name origin"):
        page.evaluate(BOTH, [made, {}, False, ""])
    for each in made["renditions"]:
        each["url"] = f"https://cdn.example.org/{each['name']}?v=1"
    ((_, attributes, _),) = page.evaluate(BOTH, [made, {}, False, ""])
    assert attributes["src"] == "https://cdn.example.org/web?v=1"
    assert attributes["srcset"] == "https://cdn.example.org/thumbnail?v=1 256w, https://cdn.example.org/web?v=1 1600w"


def test_a_rejected_picture_is_an_error_with_its_reason(page):
    """Not an empty element."""
    with pytest.raises(Exception, match="truncated"):
        page.evaluate(BOTH, [{"type": "image.rejected", "reason": "truncated", "renditions": []}, {}, False, ""])


@pytest.mark.parametrize(("thumbhash", "there"), [(OPAQUE, True), (TRANSPARENT, False)])
def test_a_strict_policy_keeps_the_module_s_style_and_drops_the_attribute(strict_page, thumbhash, there):
    """Why a page with such a policy uses the module: what it sets is seen, what is pasted is not."""
    made = of(THUMBNAIL, WEB, thumbhash=thumbhash)
    script = """async ([manifest, origin, markup]) => {
      const { image } = await import("/embed.js");
      const pasted = document.createElement("template");
      pasted.innerHTML = markup;
      const both = [image(manifest, { origin }), pasted.content.firstChild];
      document.body.replaceChildren(...both);
      return both.map((one) => getComputedStyle(one)).map((style) => [style.maxWidth, style.backgroundImage]);
    }"""
    built, pasted = strict_page.evaluate(script, [made, ORIGIN, html_of(made, Options(ORIGIN))])
    assert built == ["100%", f'url("{made["picture"]["placeholder"]}")' if there else "none"]
    assert pasted == ["none", "none"]


@pytest.mark.parametrize("loading", ["lazy", "eager"])
def test_one_format_is_loaded_of_several(page, loading):
    """The first one that the browser knows."""
    made = of(("a", 256, 256), ("b", 256, 256, "inside", "avif"))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    script = """async ([manifest, options]) => {
      const { image } = await import("/embed.js");
      const made = image(manifest, options);
      document.body.replaceChildren(made);
      await new Promise((resolve) => { made.lastChild.onload = made.lastChild.onerror = resolve; });
    }"""
    page.evaluate(script, [made, {"origin": ORIGIN, "loading": loading}])
    assert [urlsplit(url).path for url in asked if not url.startswith(HOST)] == ["/b/tom.jpg.avif"]


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("Alt", "alt"),
        ("documnet", "document"),
        ("lodaing", "loading"),
        ("orign", "origin"),
        ("rendition", "renditions"),
        ("size", "sizes"),
    ],
)
def test_a_misspelt_option_is_said_with_the_nearest(page, misspelt, meant):
    """A picture without its `alt` or `sizes` looks as it should; only the console can tell."""
    said = []
    page.on("console", lambda message: said.append((message.type, message.text)))
    page.evaluate(BOTH, [of(THUMBNAIL, WEB), {"origin": ORIGIN, misspelt: "x"}, False, ""])
    assert said == [("warning", f"No option {misspelt}: {meant}?")]


def test_known_options_are_not_warned_of(page):
    """All of them at once, by both functions."""
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "warning" else None)
    options = {"alt": "a", "loading": "eager", "origin": ORIGIN, "renditions": ["web"], "sizes": "9px"}
    for wrapped in (False, True):
        page.evaluate(BOTH, [of(THUMBNAIL, WEB), options, wrapped, ""])
    assert said == []
