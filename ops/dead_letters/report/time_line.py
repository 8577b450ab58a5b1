"""When the letters failed, as a drawing that takes its colours from the page. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS: Final = (60, 300, 900, 3600, 4 * 3600, 86_400)
"""Seconds that a bar may stand for."""
_MOST_BARS: Final = 60
_WIDTH, _HEIGHT = 960, 72


def bars(failed_at: Sequence[float]) -> tuple[int, int, list[int]]:
    """Return the step in seconds, when the first bar begins, and the letters of each bar; times in seconds since the epoch."""
    first, last = min(failed_at), max(failed_at)
    step = next((step for step in STEPS if (last - first) / step < _MOST_BARS - 1), STEPS[-1])
    begin = int(first // step * step)
    counts = [0] * (int((last - begin) // step) + 1)
    for time in failed_at:
        counts[int((time - begin) // step)] += 1
    return step, begin, counts


def draw(failed_at: Sequence[float]) -> str:
    """Return an SVG, which says in words what it shows."""
    step, begin, counts = bars(failed_at)
    most, width = max(counts), _WIDTH / max(len(counts), 24)
    columns = "".join(
        f'<rect x="{index * width:.1f}" y="{_HEIGHT - height:.1f}" width="{max(width - 1, 1):.1f}" height="{height:.1f}">'
        f"<title>{_said(begin + index * step)}: {count:,}</title></rect>"
        for index, count in enumerate(counts)
        if count
        for height in [max(2.0, count / most * (_HEIGHT - 8))]
    )
    last = begin + (len(counts) - 1) * step
    words = f"From {_said(begin)} to {_said(last + step)} UTC, at most {most:,} in {_length(step)}."
    return (
        f'<figure class="times"><svg role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-label="{words}">'
        f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}"/>{columns}</svg>'
        f"<figcaption>{words}</figcaption></figure>\n"
    )


def _said(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%d %b %H:%M}"


def _length(step: int) -> str:
    hour = 3600
    return f"{step // 60} min" if step < hour else f"{step // hour} h"
