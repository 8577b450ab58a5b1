"""Draws pages for the documentation: `python -m tests.web.screenshots`, or `make screenshots`.

The upload page at both widths, in light and dark, with samples that become ready and one that is rejected; the page of a plan.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from local import ROOT
from local.demo.picture import SAMPLES
from local.engine import OUTPUTS, running
from ops.commands.cli import main as ops
from tests.web.conftest import PAGE
from tests.web.visitor import File, Visitor

if TYPE_CHECKING:
    from local.stack import LocalStack

NAMES = (
    "coffee.png",
    "truncated.jpg",
    "astronaut-on-her-side.jpg",
    "rocket.jpg",
    "retina.jpg",
    "hubble-deep-field.jpg",
)
PICTURES = ROOT / "docs" / "pictures"
CHANGED = """config:
  image-pipeline:renditions:
    thumbnail: {width: 320, height: 180, fit: cover}
    web: {quality: 40}
"""
VIEWS = ((360, "light"), (360, "dark"), (1600, "light"), (1600, "dark"))
TALLEST = {360: 1500, 1600: 1350}
"""Pixels of the page that are shown."""


def main() -> None:
    """Draw them all into `docs/pictures/`."""
    with (
        tempfile.TemporaryDirectory() as directory,
        running(directory=Path(directory), config=PAGE) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for width, scheme in VIEWS:
            path = PICTURES / f"upload-page-{width}-{scheme}.webp"
            _draw(browser, stack["page_url"], width, scheme, path)
            _tell(path)
        _draw_plan(browser, stack, Path(directory))
        browser.close()


def _tell(path: Path) -> None:
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")  # noqa: T201 - a program for the terminal


def _draw_plan(browser: Browser, stack: LocalStack, directory: Path) -> None:
    """Draw the page of `recipe plan`, from the figures to the first picture."""
    for name in NAMES:
        stack.client("s3").upload_file(str(SAMPLES / name), stack["source_bucket"], name)
    config, page = directory / "Pulumi.local.yaml", directory / "plan.html"
    config.write_text(CHANGED)
    ended = ops(
        ["--outputs", str(stack.directory / OUTPUTS), "recipe", "plan", "--config", str(config), "--html", str(page)]
    )
    assert ended == 0
    tab = browser.new_page(viewport={"width": 1000, "height": 1900}, color_scheme="light")
    tab.goto(page.as_uri())
    box = tab.locator("article").first.bounding_box()
    assert box is not None
    path = PICTURES / "recipe-plan.webp"
    _save(tab.screenshot(clip={"x": 0, "y": 0, "width": 1000, "height": box["y"] + box["height"] + 16}), path)
    _tell(path)


def _save(screenshot: bytes, path: Path) -> None:
    Image.open(io.BytesIO(screenshot)).convert("RGB").save(path, "WEBP", quality=72, method=6)


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
    _save(visitor.page.screenshot(), path)
    context.close()


if __name__ == "__main__":
    main()
