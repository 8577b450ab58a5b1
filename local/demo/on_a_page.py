"""The demo's second page: what `python -m ops html` prints, as somebody pastes it into a page of theirs.

Its addresses are relative, so that it outlives the demo's stack; beside each picture is the text that was printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from local.demo.picture import PAGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from local.demo.commands import Operator

NAME: Final = "page.html"
_RETINA, _ASTRONAUT = f"{PAGE}retina.jpg", f"{PAGE}astronaut-on-her-side.jpg"
_ALT: Final = "A sample"
_ASKED: Final = ((_RETINA, _ASTRONAUT), (_ASTRONAUT, "--rendition", "teaser"))
_CAPTIONS: Final = (
    "The browser takes the rendition that fits the window",
    "A portrait, as it is",
    "The same, cropped to a strip that keeps its focus: her face",
)
"""Of each picture that is asked for, in that order."""
_STYLE: Final = """
:root { color-scheme: light dark } body { font: 15px/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 90rem; padding: 0 1rem }
figure { margin: 0 0 2rem } figcaption { margin: .5rem 0 } p, pre { overflow-wrap: anywhere } pre { font-size: .8rem; white-space: pre-wrap }
"""


@dataclass(frozen=True)
class Snippet:
    """Printed HTML, and what it is an example of."""

    caption: str
    html: str

    @property
    def placeholder(self) -> str:
        """What is seen of it before it has loaded, as an element of its own."""
        style = re.search('style="([^"]*)"', self.html)
        return f'<div style="{style[1] if style else ""};height:12rem;width:12rem"></div>'

    def beside_itself(self, origin: str) -> str:
        """Return it for a page that lies in the folder where the delivery's root would be."""
        return self.html.replace(f"{origin}/", "")


def snippets(operator: Operator) -> list[Snippet]:
    """Ask for the HTML of some samples, as one would for a page."""
    printed = (
        operator.run("html", *words, "--alt", _ALT, shown=f"html {' '.join(words)} --alt '{_ALT}'").stdout
        for words in _ASKED
    )
    lines = "".join(printed).splitlines()
    return [Snippet(caption, html) for caption, html in zip(_CAPTIONS, lines, strict=True)]


def write_on_a_page(folder: Path, made: Sequence[Snippet], origin: str) -> None:
    """Write the page into `folder`, which has the renditions under their keys; `origin` is that of the delivery."""
    figures = "\n".join(
        f"<figure>{each.beside_itself(origin)}<figcaption>{escape(each.caption)}</figcaption>"
        f"<pre>{escape(each.html)}</pre></figure>"
        for each in made
    )
    (folder / NAME).write_text(
        "<!doctype html>\n<html lang='en'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Image pipeline: on a page</title><style>{_STYLE}</style>\n<body>\n<h1>Pictures on a page</h1>\n"
        "<p>Under each picture is what <code>python -m ops html</code> printed of it. This page has the same, with addresses in its"
        f" own folder: {escape(origin)} ended with the demo.</p>\n"
        f"{figures}\n<figure>{made[0].placeholder}"
        "<figcaption>What is seen of the first one before it has loaded</figcaption></figure>\n</body></html>\n"
    )
