"""Which renditions of a picture are still, which are animated, and what has to be decoded for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.images.planning.fit import Size, Target, area, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.contracts.recipes.specs import RenditionSpec
    from worker.images.headers.header import Header

ANIMATED_FORMATS: Final = ("webp", "avif", "png")
"""Output formats that can hold an animation."""

_SCALES: Final = (8, 4, 2, 1)


@dataclass(frozen=True)
class Plan:
    """The renditions of one picture.

    Attributes:
        header: Of the source.
        targets: One for each spec of the recipe, in its order.
    """

    header: Header
    targets: tuple[Target, ...]

    @property
    def animated(self) -> list[Target]:
        """The renditions that keep every frame: asked for, present in the source, possible in the format."""
        return [target for target in self.targets if self._animates(target)]

    @property
    def still(self) -> list[Target]:
        """The renditions that show one frame."""
        return [target for target in self.targets if not self._animates(target)]

    @property
    def largest(self) -> Size:
        """The largest full size of a still rendition, upright. All of them are made from the picture at this size."""
        return max((target.full for target in self.still), key=area)

    def _animates(self, target: Target) -> bool:
        return target.spec.animated and self.header.frames > 1 and target.spec.format in ANIMATED_FORMATS


def plan(header: Header, specs: Sequence[RenditionSpec]) -> Plan:
    """Plan the renditions of the picture that has this header."""
    return Plan(header, tuple(fit(header.upright_size, spec) for spec in specs))


def reduction(header: Header, needed: Size) -> int:
    """Return by what factor to reduce a JPEG while decoding (1, 2, 4 or 8), to no less than the `needed` stored size.

    The rule of Pillow's `draft`, without opening the file; 1 for other formats.
    """
    if header.format != "JPEG":
        return 1
    spare = min(header.width // needed[0], header.height // needed[1])
    return next(scale for scale in _SCALES if spare >= scale or scale == 1)
