"""A site of one page, made up within Chromium: its page, `embed.js`, and pictures that answer when they are told to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

from local import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Route

HOST: Final = "http://site.localhost"
EMBED: Final = ROOT / "web" / "embed.js"


@contextmanager
def opened(
    browser: Browser,
    html: str,
    *,
    policy: str = "",
    width: int = 800,
    pictures: Callable[[Route], None] | None = None,
    wait_until: Literal["load", "commit"] = "load",
) -> Iterator[Page]:
    """Open the page in a window of `width` pixels; `pictures` answers for other hosts, which otherwise do not."""
    # The page has no address, so that Chromium takes it for one of the internet, which would have to ask for what is here.
    page = browser.new_page(viewport={"width": width, "height": 900}, permissions=["local-network-access"])
    headers = {"Content-Security-Policy": policy} if policy else {}
    page.route("https://**/*", pictures or (lambda route: route.abort()))
    page.route(f"{HOST}/", lambda route: route.fulfill(body=html, content_type="text/html", headers=headers))
    page.route(f"{HOST}/embed.js", lambda route: route.fulfill(body=EMBED.read_text(), content_type="text/javascript"))
    page.goto(f"{HOST}/", wait_until=wait_until)
    yield page
    page.close()
