"""HTML to paste, copied from a ready picture's card."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from playwright.sync_api import expect

from local.engine import running
from tests.web.conftest import PAGE
from tests.web.visitor import picture

pytestmark = [pytest.mark.stack, pytest.mark.soak, pytest.mark.timeout(300)]
DELIVERY = {"delivery": {"enabled": True}}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Run the program with the page, delivery and a rendition that is a crop."""
    renditions = {"thumbnail": {"width": 100, "height": 100, "fit": "cover"}, "small": {"width": 300, "height": 300}}
    with running(
        directory=tmp_path_factory.mktemp("markup"), config={**PAGE, **DELIVERY, "renditions": renditions}
    ) as stack:
        yield stack


def ready(tab, stack, script="", **options):
    """Upload a picture, and return the visitor and what their page asks the delivery for."""
    visitor, asked = tab(**options), []
    visitor.page.add_init_script(script)
    visitor.page.on(
        "request", lambda request: asked.append(request.url) if stack["delivery_url"] in request.url else None
    )
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


def test_the_html_is_copied_and_shows_the_whole_picture_in_its_sizes(tab, stack):
    """With the addresses that never end, the placeholder, and no crop; the page itself loads nothing of it."""
    visitor, asked = ready(tab, stack, permissions=["clipboard-read", "clipboard-write"])
    news = visitor.record(visitor.page.locator("#news"))
    visitor.page.get_by_role("button", name="Copy HTML of cat.png").click()
    visitor.wait_for("The HTML is copied", news)
    html = visitor.page.evaluate("navigator.clipboard.readText()")
    name, attributes = only_tag(html)
    assert (name, attributes["width"], attributes["height"], attributes["alt"]) == ("img", "600", "400", "")
    address = rf"{stack['delivery_url']}/%s/uploads/[0-9a-f]{{32}}/cat\.png\.webp\?v=[0-9a-f]{{16}}"
    assert re.fullmatch(rf"{address % 'small'} 300w, {address % 'web'} 600w", attributes["srcset"])
    assert re.fullmatch(address % "web", attributes["src"])
    assert "data:image/webp;base64," in attributes["style"]
    assert asked == []
    other = visitor.page.context.new_page()
    other.set_content(html)
    expect(other.locator("img")).to_have_js_property("naturalWidth", 600)


def test_where_the_browser_does_not_copy_the_html_is_shown_selected(tab, stack):
    """People copy it themselves; it goes when the card has another state."""
    visitor, asked = ready(tab, stack, "navigator.clipboard.writeText = () => Promise.reject(new Error())")
    news = visitor.record(visitor.page.locator("#news"))
    visitor.page.get_by_role("button", name="Copy HTML of cat.png").click()
    shown = visitor.page.get_by_label("HTML of cat.png", exact=True)
    expect(shown).to_be_focused()
    visitor.wait_for("did not allow copying", news)
    assert only_tag(shown.evaluate("it => it.value.slice(it.selectionStart, it.selectionEnd)"))[0] == "img"
    assert visitor.complaints() == []
    assert asked == []
