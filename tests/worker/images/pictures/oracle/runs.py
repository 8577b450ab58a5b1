"""Draws files by the number of a run: the same seed gives the same files."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.worker.images.pictures.oracle.drawing import bmp, films, gif, png, stills

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

    from tests.worker.images.pictures.oracle.drawing.drawn import Drawn

STRATEGIES: Final[dict[str, SearchStrategy[Drawn]]] = {
    "APNG": png.films(),
    "GIF": gif.files(),
    "WebP animation": films.webp(),
    "AVIF animation": films.avif(),
    "PNG": png.stills(),
    "JPEG": stills.jpeg(),
    "WebP": stills.webp(),
    "AVIF": stills.avif(),
    "BMP": bmp.files(),
}
RUN: Final = 20
"""Files of one run of hypothesis: it varies what it has drawn, so that long runs repeat themselves."""


class Found(Exception):
    """A file has what was looked for."""


def files(kind: str, first: int, count: int) -> Iterator[Drawn]:
    """Yield `count` files of a kind, all different."""
    known: set[bytes] = set()
    number = 0
    while len(known) < count:
        for drawn in run(kind, first, number):
            if drawn.data not in known and len(known) < count:
                known.add(drawn.data)
                yield drawn
        number += 1


def run(kind: str, first: int, number: int) -> list[Drawn]:
    """Return the files of one run, some of them more than once."""
    drawn: list[Drawn] = []
    _hypothesis(kind, first, number, RUN, (Phase.generate,), drawn.append)
    return drawn


def smallest(kind: str, seeds: int, condition: Callable[[Drawn], bool]) -> Drawn | None:
    """Return the smallest file that fulfils the condition that hypothesis finds."""
    best: list[Drawn] = []

    def look(drawn: Drawn) -> None:
        if condition(drawn):
            best[:] = sorted((*best, drawn), key=lambda each: len(each.data))[:1]
            raise Found

    for number in range(seeds):
        try:
            _hypothesis(kind, 1, number, RUN, (Phase.generate, Phase.shrink), look)
        except Found:
            return best[0]
    return None


def _hypothesis(kind: str, first: int, number: int, count: int, phases: tuple, see: Callable[[Drawn], None]) -> None:
    start = random.Random(f"{first}/{kind}/{number}").getrandbits(64)
    options = settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )

    @seed(start)
    @options
    @given(STRATEGIES[kind])
    def every(drawn: Drawn) -> None:
        see(drawn)

    every()
