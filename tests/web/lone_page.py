"""A page in a file of its own, looked at as everybody may see it: it loads nothing, says nothing, and axe-core finds nothing."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


@contextmanager
def shown_alone(browser: Browser, path: Path, scheme: str, width: int) -> Iterator[Page]:
    """Show the page under its own policy; afterwards, assert what is promised of every such page."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    tab.goto(path.as_uri())
    yield tab
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("getComputedStyle(document.body).fontFamily").startswith("system-ui")
    assert said == []
    context.close()
    checked = browser.new_context(color_scheme=scheme, bypass_csp=True).new_page()  # type: ignore[arg-type]  # same
    checked.goto(path.as_uri())
    checked.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    assert [found["id"] for found in checked.evaluate("axe.run()")["violations"]] == []
    checked.context.close()
