"""The size of a rendition, computed in integers so that it is the same on every computer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.contracts.recipes.focus import CENTRE, STEPS

if TYPE_CHECKING:
    from worker.contracts.recipes.specs import RenditionSpec

REDUCING_GAP: Final = 2.0
"""Pillow first reduces a picture by whole factors, then resamples it by at least this factor (`reducing_gap`,
https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.Image.resize)."""

Size = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Target:
    """What a spec makes of a picture: scaled to the size `full`, then cropped to `size` around the spec's focus."""

    spec: RenditionSpec
    full: Size
    size: Size

    def box(self, source: Size) -> Box:
        """Return which part of a picture of size `source` becomes the rendition: the focus is as near to its middle as the edges allow.

        Whole pixels if nothing is scaled, so that nothing is blurred.
        """
        focus = self.spec.focus or CENTRE
        left, width = self._side(0, focus.x, source)
        top, height = self._side(1, focus.y, source)
        return left, top, min(source[0], left + width), min(source[1], top + height)

    def _side(self, axis: int, focus: int, source: Size) -> tuple[float, float]:
        """Return where the part begins along an axis, and how long it is."""
        whole = source[axis]
        if source == self.full:
            length = self.size[axis]
            begin = -((STEPS * (length + 1) - 2 * focus * whole) // (2 * STEPS))  # Half a pixel is rounded down.
            return min(max(0, begin), whole - length), length
        side = self.size[axis] * whole / self.full[axis]
        return min(max(0.0, focus * whole / STEPS - side / 2), whole - side), side


def fit(size: Size, spec: RenditionSpec) -> Target:
    """Fit a picture of the upright `size` into the spec's box.

    `inside` scales the whole picture into the box; `cover` fills the box and crops the rest. Neither enlarges, and no
    side is below one pixel. A picture that cannot fill the box is cropped to the box's shape.
    """
    width, height = size
    wider = width * spec.height > height * spec.width
    by_width = wider if spec.fit == "inside" else not wider
    numerator, denominator = (spec.width, width) if by_width else (spec.height, height)
    full = (_scale(width, numerator, denominator), _scale(height, numerator, denominator))
    if spec.fit == "inside":
        return Target(spec, full, full)
    wider = spec.width * full[1] > spec.height * full[0]
    numerator, denominator = (full[0], spec.width) if wider else (full[1], spec.height)
    return Target(spec, full, (_scale(spec.width, numerator, denominator), _scale(spec.height, numerator, denominator)))


def _scale(side: int, numerator: int, denominator: int) -> int:
    """Return `side` times the fraction, rounded half up, at least 1; unchanged if the fraction would enlarge."""
    if numerator >= denominator:
        return side
    return max(1, (2 * side * numerator + denominator) // (2 * denominator))


def area(size: Size) -> int:
    """Return the number of pixels of a size."""
    return size[0] * size[1]
