"""A page for people who would rather look: one file that needs no other, opened from this computer.

Text of others is text, never markup; the page's own policy lets nothing be loaded, and nothing run but what is in it.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Final

from ops.terminal.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

STYLE: Final = """
:root { color-scheme: light dark; --line: light-dark(#d5dae1, #3b414a); --soft: light-dark(#f4f6f8, #1c1f24);
  --paper: light-dark(#fff, #131518); --ink: light-dark(#1b1f24, #e4e7eb); --quiet: light-dark(#57606a, #9aa4b0);
  --less: light-dark(#17693a, #6fd397); --more: light-dark(#a3221c, #ff9a92) }
* { box-sizing: border-box }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } h3 { font-size: .95rem; margin: 0; overflow-wrap: anywhere }
p { margin: .25rem 0 } .quiet { color: var(--quiet) } .less { color: var(--less) } .more { color: var(--more) }
figure { margin: 0; min-width: 0 } figcaption { font-size: .85rem; font-variant-numeric: tabular-nums; margin-top: .25rem }
.none { background: var(--soft); border-radius: 4px; color: var(--quiet); padding: 1rem; text-align: center }
img { background: repeating-conic-gradient(light-dark(#e6e9ed, #2b3037) 0 25%, var(--paper) 0 50%) 0 0 / 16px 16px;
  display: block; height: auto; max-width: 100%; object-fit: contain; width: auto }
"""
"""The colours of light and dark, and what the pages have in common."""


@contextmanager
def unfinished_page(path: Path | None) -> Iterator[TextIO | None]:
    """Open a page beside its place, and move it there whole at the end; None for none.

    Raises:
        OSError: It cannot be written: before anything else is done.
    """
    if path is None:
        yield None
        return
    unfinished = path.with_name(f"{path.name}.new")
    try:
        with unfinished.open("w", encoding="utf-8", errors="backslashreplace") as out:
            yield out
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def opening(title: str, style: str, script: str = "") -> str:
    """Return all before the content of `main`; `script` runs when the page has been read."""
    style = STYLE + style
    runs = f"; script-src {_hash(script)}" if script else ""
    policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}{runs}; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{style}</style></head>\n<body><main>\n"
    )


def text(of_others: str) -> str:
    """Return text of others as text: no markup, and nothing that turns the line around it."""
    return escape(printable(of_others), quote=True)


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
