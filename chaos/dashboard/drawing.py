"""Draws a dashboard as one self-contained SVG, legible on light and dark ground. Pure."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaos.dashboard.reading import Graph, Row, Series

WIDTH: Final = 1200
_MARGIN: Final = 16
_GAP: Final = 24
_TITLE: Final = 40
_HEIGHT: Final = 244
_TOP, _BOTTOM, _LEFT, _RIGHT = 74, 36, 52, 10
"""Around the plot, within a graph: title and three lines of legend, the axis of time, the axis of values."""
_PARTS: Final = 4
_LETTER: Final = 6.6
"""Pixels of a letter of the legend, about."""
_LINES: Final = (
    ("#0b6bcb", "#5fb0ff"),
    ("#c2410c", "#ff9f68"),
    ("#15803d", "#5bd68a"),
    ("#7e22ce", "#c99bff"),
    ("#a16207", "#f2cb4e"),
    ("#be185d", "#ff8fc0"),
    ("#475569", "#b6c2d1"),
    ("#0f766e", "#57d3c6"),
)
"""Of each series: on light ground, on dark."""
_UNITS: Final = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def draw(rows: Sequence[Row], title: str) -> str:
    """Return the SVG; minutes on every horizontal axis."""
    height = _TITLE + len(rows) * (_TITLE + _HEIGHT) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_style()}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        _text(_MARGIN, 28, title, "heading"),
    ]
    for number, row in enumerate(rows):
        top = _TITLE + number * (_TITLE + _HEIGHT)
        parts.append(_text(_MARGIN, top + 28, row.question, "question"))
        width = (WIDTH - 2 * _MARGIN - _GAP * (len(row.graphs) - 1)) / len(row.graphs)
        for place, graph in enumerate(row.graphs):
            x = _MARGIN + place * (width + _GAP)
            parts += [f'<g transform="translate({x:.1f} {top + _TITLE})">', *_graph(graph, width, _end(rows)), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _style() -> str:
    light = "".join(f".l{n}{{stroke:{a}}}.d{n}{{fill:{a}}}" for n, (a, _) in enumerate(_LINES))
    dark = "".join(f".l{n}{{stroke:{b}}}.d{n}{{fill:{b}}}" for n, (_, b) in enumerate(_LINES))
    return (
        "text{font:12px system-ui,sans-serif;fill:#1f2937}.heading{font-size:18px;font-weight:600}"
        ".question{font-size:15px;font-weight:600}.name{font-weight:600;font-size:13px}.ground{fill:#fff}"
        f".grid{{stroke:#d1d5db}}.line{{fill:none;stroke-width:1.8}}{light}"
        "@media(prefers-color-scheme:dark){text{fill:#e5e7eb}.ground{fill:#0f172a}.grid{stroke:#374151}"
        f"{dark}}}"
    )


def _end(rows: Sequence[Row]) -> float:
    """Return the last minute of all graphs, so that they have one axis of time."""
    minutes = [minute for row in rows for graph in row.graphs for series in graph.series for minute in series.points]
    return _nice(max([1.0, *minutes]))


def _graph(graph: Graph, width: float, end: float) -> Iterator[str]:
    high = _nice(max([value for series in graph.series for value in series.points.values()], default=0.0))
    right, bottom = width - _RIGHT, _HEIGHT - _BOTTOM

    def x(minute: float) -> float:
        return _LEFT + (right - _LEFT) * minute / end

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * value / high

    yield _text(0, 14, graph.title, "name")
    yield from _legend(graph.series, width)
    for part in range(_PARTS + 1):
        value, minute = high * part / _PARTS, end * part / _PARTS
        yield f'<line class="grid" x1="{_LEFT}" x2="{right:.1f}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        yield _text(_LEFT - 6, y(value) + 4, _short(value), anchor="end")
        yield _text(x(minute), bottom + 16, _short(minute), anchor="middle")
    yield _text((_LEFT + right) / 2, bottom + 31, "minutes", anchor="middle")
    for number, series in enumerate(graph.series):
        points = [(x(minute), y(value)) for minute, value in sorted(series.points.items())]
        yield from _line(points, number % len(_LINES))
    if not any(series.points for series in graph.series):
        yield _text((_LEFT + right) / 2, (_TOP + bottom) / 2, "no data", anchor="middle")


def _line(points: Sequence[tuple[float, float]], colour: int) -> Iterator[str]:
    if len(points) > 1:
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline class="line l{colour}" points="{way}"/>'
    elif points:
        yield f'<circle class="d{colour}" cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="3"/>'


def _legend(series: Sequence[Series], width: float) -> Iterator[str]:
    """Yield the labels, in as many lines as they take."""
    x, y = 0.0, 30.0
    for number, each in enumerate(series):
        taken = 16 + _LETTER * len(each.label) + 10
        if x and x + taken > width:
            x, y = 0.0, y + 14
        yield f'<rect class="d{number % len(_LINES)}" x="{x:.1f}" y="{y - 8:.1f}" width="10" height="10" rx="2"/>'
        yield _text(x + 14, y + 1, each.label)
        x += taken


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _nice(value: float) -> float:
    """Return the least number that is no less and divides well: 1, 2, 4 or 8 times a power of ten; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value)


def _short(value: float) -> str:
    """Return a number as an axis shows it: 1.5k, 20M."""
    scale, unit = next(((scale, unit) for scale, unit in _UNITS if value >= scale), (1.0, ""))
    return f"{value / scale:.3g}{unit}"
