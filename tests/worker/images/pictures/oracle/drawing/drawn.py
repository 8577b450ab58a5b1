"""A file that was drawn, and what all files are drawn from: sizes and samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

STYLES: Final = ("flat", "ramp", "few", "noise")


@dataclass(frozen=True)
class Drawn:
    """A file.

    Attributes:
        kind: What the run counts it as, such as `APNG`.
        type: Its Content-Type.
        data: The file.
        features: What it has that not every file of its kind has.
        rough: Whether its decoders may round differently, because it is not lossless.
        default: A file of the default image, where it is none of the frames.
    """

    kind: str
    type: str
    data: bytes = field(repr=False)
    features: frozenset[str] = frozenset()
    rough: bool = False
    default: bytes = field(default=b"", repr=False)


def sizes(largest: int = 40) -> st.SearchStrategy[tuple[int, int]]:
    """Return widths and heights: mostly small, the smallest included, sometimes beyond a byte."""
    side = st.one_of(st.integers(1, 9), st.integers(1, largest), st.integers(1, largest), st.sampled_from((64, 257)))
    return st.tuples(side, side)


@st.composite
def samples(draw: Callable, shape: tuple[int, ...], top: int) -> np.ndarray:
    """Return an array of 0 to `top`: one value, a ramp, a few values in blocks, or noise."""
    style = draw(st.sampled_from(STYLES))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if style == "flat":
        values = np.broadcast_to(rng.integers(0, top, shape[2:], endpoint=True), shape)
    elif style == "ramp":
        weights = rng.permutation(3)[: len(shape)]
        places = np.indices(shape)
        span = sum((side - 1) * int(weight) for side, weight in zip(shape, weights, strict=True)) or 1
        values = sum(place * int(weight) for place, weight in zip(places, weights, strict=True)) * top // span
    elif style == "few":
        blocks = rng.integers(0, top, (-(-shape[0] // 4), -(-shape[1] // 4), *shape[2:]), endpoint=True)
        values = blocks.repeat(4, 0).repeat(4, 1)[: shape[0], : shape[1]]
        values = np.where(rng.random(values.shape) < 0.3, rng.choice((0, top)), values)
    else:
        values = rng.integers(0, top, shape, endpoint=True)
    return np.asarray(values, dtype=np.int64)


@st.composite
def boxes(draw: Callable, size: tuple[int, int], beyond: int = 0) -> tuple[int, int, int, int]:
    """Return left, top, width and height of a rectangle in a canvas, or up to `beyond` pixels out of it."""
    width = draw(st.integers(1, size[0]))
    height = draw(st.integers(1, size[1]))
    left = draw(st.integers(0, size[0] - width + beyond))
    top = draw(st.integers(0, size[1] - height + beyond))
    return left, top, width, height
