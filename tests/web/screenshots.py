"""Draws the upload page for the documentation: `python -m tests.web.screenshots`, or `make screenshots`.

At both widths, in light and dark, with samples that become ready and one that is rejected.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from local import ROOT
from local.demo.picture import SAMPLES
from local.engine import running
from tests.web.conftest import PAGE
from tests.web.visitor import File, Visitor

NAMES = (
    "coffee.png",
    "truncated.jpg",
    "astronaut-on-her-side.jpg",
    "rocket.jpg",
    "retina.jpg",
    "hubble-deep-field.jpg",
)
VIEWS = ((360, "light"), (360, "dark"), (1600, "light"), (1600, "dark"))
TALLEST = {360: 1500, 1600: 1350}
"""Pixels of the page that are shown."""


def main() -> None:
    """Draw them all into `docs/`."""
    with (
        tempfile.TemporaryDirectory() as directory,
        running(directory=Path(directory), config=PAGE) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for width, scheme in VIEWS:
            path = ROOT / "docs" / f"upload-page-{width}-{scheme}.webp"
            _draw(browser, stack["page_url"], width, scheme, path)
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")  # noqa: T201 - a program for the terminal
        browser.close()


def _draw(browser: Browser, url: str, width: int, scheme: str, path: Path) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": TALLEST[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    visitor = Visitor(context.new_page(), url)
    visitor.come_in()
    types = {".jpg": "image/jpeg", ".png": "image/png"}
    for name in NAMES[::-1]:
        file = SAMPLES / name
        visitor.drop(File(name, types[file.suffix], file.read_bytes()))
        expect(visitor.card(name).get_by_role("button", name="Remove")).to_be_visible()
    visitor.page.locator("#files").blur()
    visitor.page.wait_for_function("[...document.images].every((image) => image.hidden || image.complete)")
    drawn = Image.open(io.BytesIO(visitor.page.screenshot()))
    drawn.convert("RGB").save(path, "WEBP", quality=72, method=6)
    context.close()


if __name__ == "__main__":
    main()
