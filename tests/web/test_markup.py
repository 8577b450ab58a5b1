"""HTML to paste, copied from a ready picture's card."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from playwright.sync_api import expect

from local.engine import running
from tests.web.conftest import PAGE
from tests.web.visitor import picture

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
DELIVERY = "https://d111111abcdef8.cloudfront.net"
LOOK = {
    "color": "#aa8811",
    "placeholder": "data:image/png;base64,iVBORw0KGgo=",
    "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Run the program with the page and a rendition that is a crop."""
    renditions = {"thumbnail": {"width": 100, "height": 100, "fit": "cover"}, "small": {"width": 300, "height": 300}}
    with running(directory=tmp_path_factory.mktemp("markup"), config={**PAGE, "renditions": renditions}) as stack:
        yield stack


def delivered(answer):
    """Return an answer of the API as it is where the stack delivers."""
    if answer["status"] != "ready":
        return answer
    size = {side: answer["source"][side] for side in ("width", "height")}
    renditions = [
        {**each, "version": "0123456789abcdef", "address": f"{DELIVERY}/{each['file_name']}?v=0123456789abcdef"}
        for each in answer["renditions"]
    ]
    return {**answer, "picture": {**size, **LOOK}, "renditions": renditions}


def ready(tab, site, script="", **options):
    """Upload a picture to a stack that delivers, and return the visitor and what this asks of other hosts."""
    visitor, asked = tab(**options), []
    visitor.page.add_init_script(script)
    visitor.page.route("**/api/images/*", site.answering(delivered))
    visitor.page.on("request", lambda request: asked.append(request.url) if DELIVERY in request.url else None)
    visitor.come_in()
    visitor.drop(picture("cat.png"))
    visitor.sees("cat.png", "ready")
    return visitor, asked


def only_tag(html):
    """Return the name and the attributes of HTML that is one tag."""
    found: list[tuple[str, dict[str, str | None]]] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, dict(attrs)))

        def handle_data(self, data):
            found.append((data, {}))

    parser = Tags()
    parser.feed(html)
    parser.close()
    (tag,) = found
    return tag


def test_the_html_is_copied_and_shows_the_whole_picture_in_its_sizes(tab, site):
    """With the addresses that never end, the placeholder, and no crop; the page itself loads nothing of it."""
    visitor, asked = ready(tab, site, permissions=["clipboard-read", "clipboard-write"])
    news = visitor.record(visitor.page.locator("#news"))
    visitor.page.get_by_role("button", name="Copy HTML of cat.png").click()
    visitor.wait_for("The HTML is copied", news)
    name, attributes = only_tag(visitor.page.evaluate("navigator.clipboard.readText()"))
    assert (name, attributes["width"], attributes["height"], attributes["alt"]) == ("img", "600", "400", "")
    small, web = (f"{DELIVERY}/cat-{each}.webp?v=0123456789abcdef" for each in ("small", "web"))
    assert attributes["srcset"] == f"{small} 300w, {web} 600w"
    assert attributes["src"] == web
    assert LOOK["placeholder"] in attributes["style"]
    assert asked == []


def test_where_the_browser_does_not_copy_the_html_is_shown_selected(tab, site):
    """People copy it themselves; it goes when the card has another state."""
    visitor, asked = ready(tab, site, "navigator.clipboard.writeText = () => Promise.reject(new Error())")
    news = visitor.record(visitor.page.locator("#news"))
    visitor.page.get_by_role("button", name="Copy HTML of cat.png").click()
    shown = visitor.page.get_by_label("HTML of cat.png", exact=True)
    expect(shown).to_be_focused()
    visitor.wait_for("did not allow copying", news)
    assert only_tag(shown.evaluate("it => it.value.slice(it.selectionStart, it.selectionEnd)"))[0] == "img"
    assert visitor.complaints() == []
    assert asked == []


def test_without_delivery_there_is_no_html(tab):
    """Links that end after a quarter of an hour belong on no page."""
    visitor = tab()
    visitor.come_in()
    visitor.drop(picture("cat.png"))
    card = visitor.sees("cat.png", "ready")
    expect(card.get_by_role("button", name="Copy link to web of cat.png")).to_be_visible()
    expect(card.get_by_role("button", name="Copy HTML")).to_be_hidden()
