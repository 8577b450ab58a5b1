"""The point of a picture that a crop keeps: of the recipe's renditions, and of originals that name their own. Pure.

As text it is `x,y`: two decimal numbers from 0 to 1 of the upright picture's width and height, from its upper left corner.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

METADATA: Final = "focus"
"""User metadata of an original (`x-amz-meta-focus`), and of outputs that depend on it."""
STEPS: Final = 10_000
"""To a side: finer than the pixels of most pictures, and integers are the same on every computer."""
TAKES: Final = "two decimal numbers from 0 to 1, as in 0.5,0.25: how far from the left, and from the top"
IGNORED: Final = "ignored"
"""The mark of an original whose focus is none."""
_NUMBER: Final = r"(0?\.[0-9]{1,20}|0|1(?:\.0{1,20})?)"
PATTERN: Final = rf" *{_NUMBER} *, *{_NUMBER} *"
"""Of the text."""


class FocusError(ValueError):
    """A text is no focus."""


@dataclass(frozen=True)
class Focus:
    """How far from the left and from the top, in steps of a 10,000th of the side."""

    x: int
    y: int

    @classmethod
    def parse(cls, text: str) -> Focus:
        """Read the text; more digits than a step has are rounded.

        Raises:
            FocusError: It is no focus.
        """
        found = re.fullmatch(PATTERN, text)
        if found is None:
            raise FocusError(f"{text!r} is no focus; it takes {TAKES}")
        return cls.at(*(float(number) for number in found.groups()))

    @classmethod
    def at(cls, x: float, y: float) -> Focus:
        """Return the focus at a point, in parts of the sides from 0 to 1."""
        return cls(round(STEPS * x), round(STEPS * y))

    def __str__(self) -> str:
        """Return the shortest text of it: one text for one focus, whatever it was written as."""
        return f"{self.x / STEPS:g},{self.y / STEPS:g}"


CENTRE: Final = Focus(STEPS // 2, STEPS // 2)


def mark_of(text: str | None) -> str:
    """Return what an original's focus is known by: its shortest text, `IGNORED` if it is none, empty where there is none."""
    if text is None:
        return ""
    try:
        return str(Focus.parse(text))
    except FocusError:
        return IGNORED
