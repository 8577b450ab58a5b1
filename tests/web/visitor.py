"""Somebody in front of the upload page: what they do with it, and what they see."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import JSHandle, Locator, Page

CODE = "correct-horse-battery-staple"
PATIENCE = 60_000
"""Milliseconds that anything may take on a computer that is busy with other things."""
expect.set_options(timeout=PATIENCE)
_DROP = """(files) => {
  const dropped = new DataTransfer();
  for (const { name, type, bytes } of files) {
    dropped.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
  }
  const target = document.querySelector("main");
  target.dispatchEvent(new DragEvent("dragover", { dataTransfer: dropped, bubbles: true, cancelable: true }));
  target.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
}"""
_PASTE = """({ name, type, bytes }) => {
  const pasted = new DataTransfer();
  pasted.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: pasted }));
}"""

_RECORD = """(element) => {
  const texts = [];
  const note = () => texts.push(element.textContent);
  new MutationObserver(note).observe(element, { childList: true, characterData: true, subtree: true });
  return texts;
}"""


@dataclass(frozen=True)
class File:
    """Something to upload."""

    name: str
    type: str
    content: bytes

    def to_json(self) -> dict[str, Any]:
        """Return what the scripts above take."""
        return {"name": self.name, "type": self.type, "bytes": base64.b64encode(self.content).decode()}


def picture(name: str, left: str = "red", right: str = "blue", size: tuple[int, int] = (600, 400)) -> File:
    """Draw a picture of two halves as a PNG that is called `name`."""
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, size[0], size[1]))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=0)
    return File(name, "image/png", buffer.getvalue())


@dataclass(frozen=True)
class Visitor:
    """Uses one tab."""

    page: Page
    url: str

    def come_in(self, code: str = CODE) -> None:
        """Open the page and enter a code."""
        self.page.goto(self.url)
        self.enter(code)

    def enter(self, code: str) -> None:
        """Enter a code from the keyboard."""
        field = self.page.get_by_label("Access code")
        expect(field).to_be_focused()
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_text("Drop pictures anywhere")).to_be_visible()

    def drop(self, *dropped: File) -> None:
        """Drop files onto the page."""
        self.page.evaluate(_DROP, [file.to_json() for file in dropped])

    def paste(self, file: File) -> None:
        """Paste a file."""
        self.page.evaluate(_PASTE, file.to_json())

    def card(self, name: str) -> Locator:
        """Return the card of a file."""
        heading = self.page.get_by_role("heading", name=name, exact=True)
        return self.page.locator(".card").filter(has=heading)

    def sees(self, name: str, state: str) -> Locator:
        """Wait until a card is in a state, and return it."""
        card = self.card(name)
        expect(card).to_have_attribute("data-state", state)
        return card

    def record(self, element: Locator) -> JSHandle:
        """Return the texts that an element has from here on, those included that disappear after seconds."""
        return element.evaluate_handle(_RECORD)

    def wait_for(self, text: str, record: JSHandle) -> None:
        """Wait until a record has a text."""
        said = "([texts, text]) => texts.some((each) => each.includes(text))"
        self.page.wait_for_function(said, arg=[record, text])

    def complaints(self) -> list[str]:
        """Return what axe-core finds wrong for people with a screen reader, a keyboard, or weak eyes."""
        self.page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
        found = self.page.evaluate("axe.run()")
        return [f"{v['id']}: {[n['target'] for n in v['nodes']]}" for v in found["violations"]]
