"""The page that the demo draws: every picture beside its renditions, and every dead letter with its reason."""

from __future__ import annotations

from collections import Counter
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from local.demo.on_a_page import NAME
from local.demo.picture import AVATARS, PAGE, RAW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from local.demo.picture import Picture

_STYLE: Final = """
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a3f47); --soft: light-dark(#f5f6f8, #1d2025);
  --ok: light-dark(#17693a, #6fd397); --bad: light-dark(#a3221c, #ff9a92); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem }
article { border: 1px solid var(--line); border-radius: 10px; margin: 1rem 0; overflow: hidden }
header { background: var(--soft); display: flex; gap: 1rem; padding: .5rem 1rem; border-bottom: 1px solid var(--line) }
header b { overflow-wrap: anywhere } header span { margin-left: auto; font-weight: 600 }
.ready { color: var(--ok) } .rejected { color: var(--bad) }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1.25rem; align-items: end; padding: 1rem }
figure { margin: 0 } img { display: block; max-width: 100%; max-height: 18rem; border-radius: 4px }
figcaption { font-size: .8rem; opacity: .8; margin-top: .35rem } p { margin: 0; padding: 1rem }
pre { line-height: 1.2; overflow-x: auto }
table { border-collapse: collapse; width: 100% } td, th { border-top: 1px solid var(--line); padding: .5rem; text-align: left; vertical-align: top }
"""
_HEADINGS: Final = {
    "": "<h2>The stack's recipe: a thumbnail and a web version</h2>",
    PAGE: f"<h2>{PAGE} has one more width, and a strip that keeps its focus: <a href='{NAME}'>on a page</a></h2>",
    AVATARS: f"<h2>{AVATARS} has a recipe of its own: small squares</h2>",
    RAW: f"<h2>{RAW} is left alone: nothing is made of it</h2>",
}


def write_page(
    path: Path, pictures: Sequence[Picture], letters: Sequence[dict[str, Any]], smoke: str, seconds: float
) -> None:
    """Write the page to `path`, beside the pictures that it shows; `smoke` is what the smoke test printed."""
    counts = Counter(picture.status for picture in pictures)
    body = "\n".join(
        [
            "<h1>What became of each picture</h1>",
            f"<div>{', '.join(f'{counts[s]} {s}' for s in counts)}, {seconds} s from nothing to here</div>",
            *(
                part
                for folder, its in groupby(pictures, key=_folder)
                for part in (_HEADINGS[folder], *map(_article, its))
            ),
            "<h2>Dead letters</h2>",
            _letters(letters),
            "<h2>Smoke test</h2>",
            f"<pre>{escape(smoke)}</pre>",
        ]
    )
    path.write_text(
        "<!doctype html>\n<html lang='en'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>Image pipeline: demo</title><style>{_STYLE}</style>\n<body>\n{body}\n</body></html>\n"
    )


def _folder(picture: Picture) -> str:
    return picture.folder


def _article(picture: Picture) -> str:
    if picture.folder == RAW:
        content = f"<div class='row'>{_figure(f'source/{picture.key}', f'source {picture.key}', 'source')}</div>"
    elif picture.status == "ready":
        source = _figure(f"source/{picture.key}", f"source {picture.key}", _caption("source", picture.source))
        made = (_figure(r["key"], f"{r['name']} of {picture.key}", _caption(r["name"], r)) for r in picture.renditions)
        content = f"<div class='row'>{source}{''.join(made)}</div>"
    else:
        content = f"<p>{escape(picture.detail or '')}</p>"
    label = picture.status if picture.reason is None else f"{picture.status}: {picture.reason}"
    head = f"<header><b>{escape(picture.key)}</b><span class='{picture.status}'>{escape(label)}</span></header>"
    return f"<article>{head}{content}</article>"


def _caption(name: str, facts: Mapping[str, Any]) -> str:
    return f"{name}: {facts['width']} x {facts['height']}, {facts['bytes']:,} bytes"


def _figure(path: str, alternative: str, caption: str) -> str:
    image = f"<img src='{quote(path)}' alt='{escape(alternative, quote=True)}' loading='lazy'>"
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def _letters(letters: Sequence[dict[str, Any]]) -> str:
    """Return the table of the letters, as `dlq list --json` has them."""
    columns = ("key", "verdict", "reason", "detail", "attempts", "failed_at")
    cells = ([", ".join(letter["keys"]), *(str(letter[column] or "") for column in columns[1:])] for letter in letters)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in cells)
    head = "".join(f"<th>{column.replace('_', ' ')}</th>" for column in columns)
    return f"<table><tr>{head}</tr>{rows}</table>"
