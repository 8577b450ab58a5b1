"""Draws files by the number of a run: the same seed gives the same files."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.worker.images.pictures.oracle.drawing import bmp, films, gif, png, stills

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    found: list[Drawn] = []
    start = random.Random(f"{first}/{kind}/{number}").getrandbits(64)
    options = settings(
        max_examples=RUN,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    @seed(start)
    @options
    @given(STRATEGIES[kind])
    def every(drawn: Drawn) -> None:
        found.append(drawn)

    every()
    return found
