"""Where the worker differs from Chromium on purpose, by the sentence of docs/images.md that says so.

Where it is known what the worker shows instead, `as_documented` says it, and all of it is judged; every other sort of
difference has an explanation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.images.pictures.oracle.drawing.drawn import Drawn
    from tests.worker.images.pictures.oracle.judge import Shown


@dataclass(frozen=True)
class Explanation:
    """What explains a difference: words of the page, and whether they are about this file and this difference."""

    because: str
    holds: Callable[[Drawn, str], bool]


_COLOURS: Final = frozenset({"gAMA", "cICP"})
_UNFIT: Final = frozenset({"ICC grey", "ICC cmyk", "ICC broken"})
_MOST_PLAYS: Final = 65_535
"""That a WebP can state."""


def _plays(file: Drawn) -> int:
    """Return how often the file says that it is played; a GIF states the repetitions after the first time."""
    named = [feature.split() for feature in file.features if feature.startswith(("plays ", "loop "))]
    return max((int(number) + (word == "loop") for word, number in named), default=0)


KNOWN: Final = ("the orientation of a WebP", "the first frame of an APNG whose default image is another")
"""What `as_documented` takes into account, in the page's words."""


def as_documented(file: Drawn, shown: Shown, default: Shown | None) -> Shown:
    """Return what the page says of the file, given what Chromium shows of it and of its default image."""
    if default is not None and default.still is not None:
        frames = shown.frames if len(shown.frames) > 1 else (default.still,)
        shown = replace(shown, still=default.still, frames=frames)
    if file.type == "image/webp" and shown.still is not None:
        [turn] = [int(name.split()[1]) for name in file.features if name.startswith("orientation ")] or [1]
        shown = replace(
            shown, still=shown.still.upright(turn), frames=tuple(frame.upright(turn) for frame in shown.frames)
        )
    return shown


EXPLANATIONS: Final = (
    Explanation(
        "`gAMA`, `cHRM` and `cICP` of PNG",
        lambda file, difference: "colours" in difference and bool(file.features & _COLOURS),
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
            {"AVIF", "premultiplied"} <= {file.kind, *file.features}
            and difference.split(": ")[-1].startswith(("alpha", "colours"))
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
            file.kind == "BMP" and bool({"1555", "4444"} & file.features) and difference.endswith(": alpha")
        ),
    ),
    Explanation(
        "with bit fields and fewer than 12 bytes of pixels",
        lambda file, difference: (
            {"BMP", "bit fields", "under 12 bytes"} <= {file.kind, *file.features} and difference.endswith(": alpha")
        ),
    ),
)


def explanation(file: Drawn, difference: str) -> Explanation | None:
    """Return what explains the difference, or None."""
    return next((each for each in EXPLANATIONS if each.holds(file, difference)), None)
