"""Where the worker differs from Chromium on purpose: each sort of difference by the sentence of docs/images.md that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.images.pictures.oracle.drawing.drawn import Drawn


@dataclass(frozen=True)
class Explanation:
    """What explains a difference: words of the page, and whether they are about this file and this difference."""

    because: str
    holds: Callable[[Drawn, str], bool]


_COLOURS: Final = frozenset({"gAMA", "cICP"})
_TURNED: Final = frozenset(f"orientation {number}" for number in range(2, 9))
_UNFIT: Final = frozenset({"ICC grey", "ICC cmyk", "ICC broken"})
_MOST_PLAYS: Final = 65_535
"""That a WebP can state."""


def _plays(file: Drawn) -> int:
    """Return how often the file says that it is played; a GIF states the repetitions after the first time."""
    named = [feature.split() for feature in file.features if feature.startswith(("plays ", "loop "))]
    return max((int(number) + (word == "loop") for word, number in named), default=0)


EXPLANATIONS: Final = (
    Explanation(
        "`gAMA`, `cHRM` and `cICP` of PNG",
        lambda file, difference: "colours" in difference and bool(file.features & _COLOURS),
    ),
    Explanation(
        "the orientation of a WebP",
        lambda file, difference: file.type == "image/webp" and bool(file.features & _TURNED),
    ),
    Explanation(
        "the first frame of an APNG whose default image is another",
        lambda file, difference: (
            {"APNG", "default image"} <= {file.kind, *file.features}
            and ("one frame" in file.features or difference.startswith(("png: ", "jpeg: ")))
        ),
    ),
    Explanation(
        "no AVIF whose profile",
        lambda file, difference: difference == "shown by the worker alone" and bool(file.features & _UNFIT),
    ),
    Explanation(
        "animated AVIF of full range",
        lambda file, difference: {"AVIF animation", "full"} <= {file.kind, *file.features} and "colours" in difference,
    ),
    Explanation(
        "`loops-clamped`",
        lambda file, difference: difference.endswith(": plays") and _plays(file) > _MOST_PLAYS,
    ),
    Explanation(
        "`durations-clamped`",
        lambda file, difference: difference.endswith(": durations") and "delay 65535/1" in file.features,
    ),
    Explanation(
        "the profile of an animated WebP",
        lambda file, difference: (
            file.kind == "WebP animation"
            and any(feature.startswith("ICC") for feature in file.features)
            and "colours" in difference
        ),
    ),
    Explanation(
        "takes the alpha of a still AVIF for video's",
        lambda file, difference: (
            {"AVIF", "premultiplied"} <= {file.kind, *file.features} and "refused" not in difference
        ),
    ),
    Explanation(
        "the grey profile of a grey AVIF with alpha",
        lambda file, difference: (
            {"AVIF", "4:0:0", "ICC grey", "RGBA"} <= {file.kind, *file.features} and "colours" in difference
        ),
    ),
    Explanation(
        "an index beyond its palette",
        lambda file, difference: "index beyond palette" in file.features and "colours" in difference,
    ),
    Explanation(
        "CMYK by its profile",
        lambda file, difference: {"CMYK", "ICC cmyk"} <= file.features and "colours" in difference,
    ),
    Explanation(
        "of unusual bit fields",
        lambda file, difference: (
            {"bit fields", "4444"} <= file.features and difference == "refused: unsupported-format"
        ),
    ),
    Explanation(
        "the alpha of a BMP with bit fields",
        lambda file, difference: (
            {file.kind, *file.features} >= {"BMP", "bit fields"} and difference.endswith(": alpha")
        ),
    ),
    Explanation(
        "a BMP of a single pixel",
        lambda file, difference: file.kind == "BMP" and {"bit fields", "one pixel"} <= file.features,
    ),
)


def explanation(file: Drawn, difference: str) -> Explanation | None:
    """Return what explains the difference, or None."""
    return next((each for each in EXPLANATIONS if each.holds(file, difference)), None)
