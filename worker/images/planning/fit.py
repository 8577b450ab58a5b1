"""The size of a rendition, computed in integers so that it is the same on every computer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from worker.contracts.recipes.specs import RenditionSpec

REDUCING_GAP: Final = 2.0
"""Pillow first reduces a picture by whole factors, then resamples it by at least this factor (`reducing_gap`,
https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.resize)."""

Size = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Target:
    """What a spec makes of a picture: scaled to the size `full`, then cropped in the centre to `size`."""

    spec: RenditionSpec
    full: Size
    size: Size

    def box(self, source: Size) -> Box:
        """Return which part of a picture of size `source` becomes the rendition.

        Whole pixels if nothing is scaled, so that nothing is blurred.
        """
        if source == self.full:
            x, y = (self.full[0] - self.size[0]) // 2, (self.full[1] - self.size[1]) // 2
            return x, y, x + self.size[0], y + self.size[1]
        width, height = (self.size[axis] * source[axis] / self.full[axis] for axis in (0, 1))
        left, top = (source[0] - width) / 2, (source[1] - height) / 2
        return max(0.0, left), max(0.0, top), min(source[0], left + width), min(source[1], top + height)


def fit(size: Size, spec: RenditionSpec) -> Target:
    """Fit a picture of the upright `size` into the spec's box.

    `inside` scales the whole picture into the box; `cover` fills the box and crops the rest. Neither enlarges, and no
    side is below one pixel.
    """
    width, height = size
    wider = width * spec.height > height * spec.width
    by_width = wider if spec.fit == "inside" else not wider
    numerator, denominator = (spec.width, width) if by_width else (spec.height, height)
    full = (_scale(width, numerator, denominator), _scale(height, numerator, denominator))
    if spec.fit == "inside":
        return Target(spec, full, full)
    return Target(spec, full, (min(full[0], spec.width), min(full[1], spec.height)))


def _scale(side: int, numerator: int, denominator: int) -> int:
    """Return `side` times the fraction, rounded half up, at least 1; unchanged if the fraction would enlarge."""
    if numerator >= denominator:
        return side
    return max(1, (2 * side * numerator + denominator) // (2 * denominator))


def area(size: Size) -> int:
    """Return the number of pixels of a size."""
    return size[0] * size[1]
