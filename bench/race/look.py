"""Measures what the look of a picture (colour, placeholder, ThumbHash) adds to the CPU time of its rendering.

    python -m bench.race.look [--quick]

The same rendering without the look is the rival: both take turns on every picture, in one process. Figures are sums of medians.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from bench import section
from bench.pictures.photographs import photographs, screenshots
from bench.race.contestants import SIDES, worker
from bench.section import Bar, Section
from worker.images import Look
from worker.images.renditions import still

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.race.contestants import Make

RUNS: Final = 15
AVIF_EVERY: Final = 8
_AT_MOST: Final = 1.02
_NONE: Final = Look("", "", "")


def measure(quick: bool) -> Section:
    """Run the turns and report them."""
    measured = Section("Look")
    pictures = [*photographs(), *screenshots()][:: 8 if quick else 1]
    runs = 7 if quick else RUNS
    measured.text(
        f"Renditions of {' and '.join(map(str, SIDES))} pixels of {len(pictures)} pictures (AVIF: fewer), with the look and "
        f"without, in CPU ms per picture; {runs} turns of each (load {section.load()})."
    )
    rows = []
    for name in ("webp", "jpeg", "avif"):
        chosen = pictures[:: AVIF_EVERY if name == "avif" and not quick else 1][
            : 2 if name == "avif" and quick else None
        ]
        with_look, without = _race(name, chosen, runs)
        rows.append((name, f"{with_look:.2f}", f"{without:.2f}", f"{with_look - without:.2f}"))
        measured.bars.append(Bar(f"{name}: CPU without the look", with_look / without, _AT_MOST))
    measured.table(("", "with", "without", "look"), rows)
    return measured


def _race(name: str, pictures: Sequence[Path], runs: int) -> tuple[float, float]:
    """Return the CPU ms of a picture with the look and without, the means over the pictures."""
    make, totals = worker(name), [0.0, 0.0]
    for picture in pictures:
        section.PROGRESS.write(f"look, {name}: {picture.name}\n")
        data = picture.read_bytes()
        seconds: tuple[list[float], list[float]] = ([], [])
        make(data)
        for turn in range(2 * runs):
            # Whoever comes second may find warmer caches: the order changes every time.
            without = turn % 4 in (1, 2)
            seconds[without].append(_plain(make, data) if without else _timed(make, data))
        for each in (0, 1):
            totals[each] += 1000 * statistics.median(seconds[each])
    return totals[0] / len(pictures), totals[1] / len(pictures)


def _plain(make: Make, data: bytes) -> float:
    with patch.object(still, "look_of", lambda _: _NONE):
        return _timed(make, data)


def _timed(make: Make, data: bytes) -> float:
    began = time.process_time()
    make(data)
    return time.process_time() - began


if __name__ == "__main__":
    section.run(measure, __doc__)
