"""The page that shows a plan: every picture of the sample by both recipes, side by side, in one file that needs no other.

Keys are text, never markup; the page's own policy lets nothing be loaded and nothing run.
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

    from ops.pictures.recipe.plan import RecipePlan
    from ops.pictures.recipe.trial import Side, Trial

MOST: Final = 24 * 1024 * 1024
"""Bytes of pictures on a page; what comes after them has its figures alone."""

STYLE: Final = """
:root { color-scheme: light dark; --line: light-dark(#d5dae1, #3b414a); --soft: light-dark(#f4f6f8, #1c1f24);
  --paper: light-dark(#fff, #131518); --ink: light-dark(#1b1f24, #e4e7eb); --quiet: light-dark(#57606a, #9aa4b0);
  --less: light-dark(#17693a, #6fd397); --more: light-dark(#a3221c, #ff9a92) }
* { box-sizing: border-box }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } h3 { font-size: .95rem; margin: 0; overflow-wrap: anywhere }
p { margin: .25rem 0 } .quiet { color: var(--quiet) } .less { color: var(--less) } .more { color: var(--more) }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: right; vertical-align: top }
th { color: var(--quiet); font-weight: 500; white-space: nowrap } th:first-child, td:first-child, .text { text-align: left }
td { white-space: nowrap } .text, .key { overflow-wrap: anywhere; white-space: normal } .text { min-width: 16rem } .key { min-width: 9rem }
article { border: 1px solid var(--line); border-radius: 8px; margin: 1.25rem 0; overflow: hidden }
article > header { background: var(--soft); border-bottom: 1px solid var(--line); padding: .5rem 1rem }
.pair { align-items: end; display: grid; grid-template-columns: 1fr 1fr; gap: .25rem 1rem; padding: .75rem 1rem }
.pair + .pair { border-top: 1px solid var(--line) } .pair h4 { grid-column: 1 / -1; font-size: .9rem; margin: 0 }
figure { margin: 0; min-width: 0 } figcaption { font-size: .85rem; font-variant-numeric: tabular-nums; margin-top: .25rem }
.frame { max-height: 24rem; overflow: hidden }
img { background: repeating-conic-gradient(light-dark(#e6e9ed, #2b3037) 0 25%, var(--paper) 0 50%) 0 0 / 16px 16px;
  display: block; height: auto; max-height: 24rem; max-width: 100%; object-fit: contain; object-position: left; width: auto }
.none { background: var(--soft); border-radius: 4px; color: var(--quiet); padding: 1rem; text-align: center }
body:has(#actual:checked) .frame { overflow: auto } body:has(#actual:checked) img { max-height: none; max-width: none }
label { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; display: inline-block; margin: .5rem 0; padding: .25rem .6rem }
@media (max-width: 34rem) { .pair { gap: .25rem .5rem; padding: .5rem } .text { min-width: 11rem } .key { min-width: 5rem } }
"""


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


def write_page(out: TextIO, plan: RecipePlan) -> None:
    """Write the page, a picture at a time; the files of the sample are still there."""
    out.writelines(_page(plan))


def _page(plan: RecipePlan) -> Iterator[str]:
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Recipe plan: {_text(plan.file)}</title><style>{STYLE}</style></head>\n<body><main>\n"
    )
    yield (
        "<h1>What a changed recipe would do</h1>"
        f'<p class="quiet">Generation {plan.generation}, which is deployed, beside {_text(plan.file)}. Nothing was changed.</p>'
    )
    yield _changes(plan)
    yield _figures(plan)
    yield _skipped(plan)
    yield (
        "<h2>The sample</h2><p>Before on the left, after on the right.</p>"
        '<label><input type="checkbox" id="actual"> Actual size: scroll in each picture</label>\n'
    )
    left = MOST
    for trial in plan.trials:
        for part, used in _article(trial, left):
            left -= used
            yield part
    yield "</main></body></html>\n"


def _changes(plan: RecipePlan) -> str:
    survey = plan.survey
    rows = "".join(
        f'<tr><td class="key">{_text(group.change.prefix or "all others")}</td><td>{group.pictures:,}</td>'
        f'<td class="text">{"<br>".join(_text(sentence) for sentence in group.change.sentences())}</td></tr>'
        for group in survey.changed
    )
    goes = ", ".join(f"{count:,} {_text(name)}" for name, count in sorted(survey.goes.items()))
    facts = [
        f"{survey.outdated:,} of {survey.pictures:,} pictures would be outdated.",
        f"The next backfill would delete: {goes}." if goes else "",
        f"Archived, to be restored first: {survey.archived:,}." if survey.archived else "",
        f"Re-rendering {_text(plan.estimate_line())}.",
    ]
    return (
        "".join(f"<p>{fact}</p>" for fact in facts if fact)
        + '<div class="scroll"><table><tr><th>prefix</th><th>pictures</th><th class="text">what changes</th></tr>'
        + f"{rows}</table></div>\n"
    )


def _figures(plan: RecipePlan) -> str:
    head = "".join(
        f"<th>{title}</th>" for title in ("rendition", "pictures", "bytes before", "after", "likeness before", "after")
    )
    rows = "".join(
        f"<tr>{''.join(f'<td>{_text(cell.strip())}</td>' for cell in figures.row())}</tr>" for figures in plan.figures
    )
    return (
        "<h2>Each rendition on average</h2>"
        f'<div class="scroll"><table><tr>{head}</tr>{rows}</table></div>'
        '<p class="quiet">Each picture counts as often as there are others like it. Likeness is the structural similarity (SSIM) to'
        " the same size without any loss, and 1 is the same.</p>\n"
    )


def _skipped(plan: RecipePlan) -> str:
    rows = "".join(
        f'<tr><td class="key">{_text(key)}</td><td class="text">{_text(why)}</td></tr>' for key, why in plan.skipped
    )
    return f'<h2>Not rendered</h2><div class="scroll"><table>{rows}</table></div>\n' if rows else ""


def _article(trial: Trial, left: int) -> Iterator[tuple[str, int]]:
    """Yield parts of the page, each with the bytes of pictures that are in it."""
    pairs = [(name, before, after) for name, before, after in trial.pairs() if before or after]
    if not pairs:
        return
    size = f'<span class="quiet">{trial.sampled.listed.size:,} bytes</span>'
    yield f"<article><header><h3>{_text(trial.key)} {size}</h3></header>", 0
    for name, before, after in pairs:
        used = sum(side.made.bytes for side in (before, after) if side)
        is_shown = used <= left
        left -= used if is_shown else 0
        figures = (
            _figure(before, None, "before", trial.key, is_shown=is_shown),
            _figure(after, before, "after", trial.key, is_shown=is_shown),
        )
        yield f'<div class="pair"><h4>{_text(name)}</h4>{"".join(figures)}</div>', used if is_shown else 0
    yield "</article>\n", 0


def _figure(side: Side | None, before: Side | None, when: str, key: str, *, is_shown: bool) -> str:
    if side is None:
        return f'<figure><div class="frame none">not made {when}</div></figure>'
    made = side.made
    picture = '<div class="frame none">The page is full; a smaller --sample shows it.</div>'
    if is_shown:
        data = b64encode(made.path.read_bytes()).decode()
        alternative = _text(f"{made.name} of {key}, {when}")
        size = f'width="{made.width}" height="{made.height}"'
        picture = f'<div class="frame"><img {size} alt="{alternative}" src="data:{side.spec.content_type};base64,{data}"></div>'
    likeness = "" if side.likeness is None else f", likeness {side.likeness:.4f}"
    caption = f"{when}: {made.width} x {made.height} {side.spec.format}, {made.bytes:,} bytes{_change(side, before)}{likeness}"
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def _text(text: str) -> str:
    """Return text of others as text: no markup, and nothing that turns the line around it."""
    return escape(printable(text), quote=True)


def _change(side: Side, before: Side | None) -> str:
    if before is None or not before.made.bytes:
        return ""
    change = side.made.bytes / before.made.bytes - 1
    return f' <b class="{"more" if change > 0 else "less"}">({change:+.0%})</b>'
