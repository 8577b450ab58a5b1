"""The page that shows a plan: every picture of the sample by both recipes, side by side, in one file that needs no other.

Nothing is loaded and nothing runs.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Final

from ops.terminal.page import opening, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from ops.pictures.recipe.plan import RecipePlan
    from ops.pictures.recipe.trial import Side, Trial

MOST: Final = 24 * 1024 * 1024
"""Bytes of pictures on a page; what comes after them has its figures alone."""

STYLE: Final = """
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: right; vertical-align: top }
th { color: var(--quiet); font-weight: 500; white-space: nowrap } th:first-child, td:first-child, .text { text-align: left }
td { white-space: nowrap } .text, .key { overflow-wrap: anywhere; white-space: normal } .text { min-width: 16rem } .key { min-width: 9rem }
article { border: 1px solid var(--line); border-radius: 8px; margin: 1.25rem 0; overflow: hidden }
article > header { background: var(--soft); border-bottom: 1px solid var(--line); padding: .5rem 1rem }
.pair { align-items: end; display: grid; grid-template-columns: 1fr 1fr; gap: .25rem 1rem; padding: .75rem 1rem }
.pair + .pair { border-top: 1px solid var(--line) } .pair h4 { grid-column: 1 / -1; font-size: .9rem; margin: 0 }
.frame { max-height: 24rem; overflow: hidden }
img { max-height: 24rem; object-position: left }
body:has(#actual:checked) .frame { overflow: auto } body:has(#actual:checked) img { max-height: none; max-width: none }
label { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; display: inline-block; margin: .5rem 0; padding: .25rem .6rem }
@media (max-width: 34rem) { .pair { gap: .25rem .5rem; padding: .5rem } .text { min-width: 11rem } .key { min-width: 5rem } }
"""


def write_page(out: TextIO, plan: RecipePlan) -> None:
    """Write the page, a picture at a time; the files of the sample are still there."""
    out.writelines(_page(plan))


def _page(plan: RecipePlan) -> Iterator[str]:
    yield opening(f"Recipe plan: {plan.file}", STYLE)
    yield (
        "<h1>What a changed recipe would do</h1>"
        f'<p class="quiet">Generation {plan.generation}, which is deployed, beside {text(plan.file)}. Nothing was changed.</p>'
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
        f'<tr><td class="key">{text(group.change.prefix or "all others")}</td><td>{group.pictures:,}</td>'
        f'<td class="text">{"<br>".join(text(sentence) for sentence in group.change.sentences())}</td></tr>'
        for group in survey.changed
    )
    goes = ", ".join(f"{count:,} {text(name)}" for name, count in sorted(survey.goes.items()))
    facts = [
        f"{survey.outdated:,} of {survey.pictures:,} pictures would be outdated.",
        f"The next backfill would delete: {goes}." if goes else "",
        f"Archived, to be restored first: {survey.archived:,}." if survey.archived else "",
        f"Re-rendering {text(plan.estimate_line())}.",
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
        f"<tr>{''.join(f'<td>{text(cell.strip())}</td>' for cell in figures.row())}</tr>" for figures in plan.figures
    )
    return (
        "<h2>Each rendition on average</h2>"
        f'<div class="scroll"><table><tr>{head}</tr>{rows}</table></div>'
        '<p class="quiet">Each picture counts as often as there are others like it. Likeness is the structural similarity (SSIM) to'
        " the same size without any loss, and 1 is the same.</p>\n"
    )


def _skipped(plan: RecipePlan) -> str:
    rows = "".join(
        f'<tr><td class="key">{text(key)}</td><td class="text">{text(why)}</td></tr>' for key, why in plan.skipped
    )
    return f'<h2>Not rendered</h2><div class="scroll"><table>{rows}</table></div>\n' if rows else ""


def _article(trial: Trial, left: int) -> Iterator[tuple[str, int]]:
    """Yield parts of the page, each with the bytes of pictures that are in it."""
    pairs = [(name, before, after) for name, before, after in trial.pairs() if before or after]
    if not pairs:
        return
    size = f'<span class="quiet">{trial.sampled.listed.size:,} bytes</span>'
    yield f"<article><header><h3>{text(trial.key)} {size}</h3></header>", 0
    for name, before, after in pairs:
        used = sum(side.made.bytes for side in (before, after) if side)
        is_shown = used <= left
        left -= used if is_shown else 0
        figures = (
            _figure(before, None, "before", trial.key, is_shown=is_shown),
            _figure(after, before, "after", trial.key, is_shown=is_shown),
        )
        yield f'<div class="pair"><h4>{text(name)}</h4>{"".join(figures)}</div>', used if is_shown else 0
    yield "</article>\n", 0


def _figure(side: Side | None, before: Side | None, when: str, key: str, *, is_shown: bool) -> str:
    if side is None:
        return f'<figure><div class="frame none">not made {when}</div></figure>'
    made = side.made
    picture = '<div class="frame none">The page is full; a smaller --sample shows it.</div>'
    if is_shown:
        data = b64encode(made.path.read_bytes()).decode()
        alternative = text(f"{made.name} of {key}, {when}")
        size = f'width="{made.width}" height="{made.height}"'
        picture = f'<div class="frame"><img {size} alt="{alternative}" src="data:{side.spec.content_type};base64,{data}"></div>'
    likeness = "" if side.likeness is None else f", likeness {side.likeness:.4f}"
    caption = f"{when}: {made.width} x {made.height} {side.spec.format}, {made.bytes:,} bytes{_change(side, before)}{likeness}"
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def _change(side: Side, before: Side | None) -> str:
    if before is None or not before.made.bytes:
        return ""
    change = side.made.bytes / before.made.bytes - 1
    return f' <b class="{"more" if change > 0 else "less"}">({change:+.0%})</b>'
