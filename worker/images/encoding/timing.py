"""What each format can state of an animation's time."""

from __future__ import annotations

from typing import Final

MAX_PLAYS: Final = {"webp": (1 << 16) - 1, "avif": (1 << 31) - 1, "png": (1 << 31) - 1}
"""How often an animation can be played. WebP: https://developers.google.com/speed/webp/docs/riff_container#animation. PNG:
https://www.w3.org/TR/png-3/#acTL-chunk. AVIF has no such limit."""
MAX_DURATION: Final = {"webp": (1 << 24) - 1, "avif": (1 << 31) - 1, "png": 65_535_000}
"""Milliseconds of a frame. PNG states seconds as a fraction of two integers of 16 bits."""
_NUMERATOR: Final = 65_535


def duration_in(name: str, duration: int) -> int:
    """Return the duration of a frame in the format `name`, in milliseconds; PNG rounds those above 65 s."""
    duration = min(duration, MAX_DURATION[name])
    if name != "png":
        return duration
    step = next(step for step in (1, 10, 100, 1000) if duration <= step * _NUMERATOR)
    return min(step * round(duration / step), step * _NUMERATOR)
