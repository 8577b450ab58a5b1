"""ThumbHash: a picture in about 25 bytes, by the lowest frequencies of its brightness, colour and transparency.

Written from the description of its inventor, Evan Wallace (https://evanw.github.io/thumbhash/); rounding is JavaScript's. His cosine
transform adds up every pixel for every frequency. Here it goes along the rows, then along the columns, which is the same sum.
"""

from __future__ import annotations

import math
from functools import cache
from operator import add, mul, sub
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL import Image

_OPAQUE: Final = 255
_BRIGHTNESS, _BRIGHTNESS_BESIDE_ALPHA, _COLOUR, _ALPHA = 7, 5, 3, 5
"""How many frequencies there are along the longer side; of brightness, no fewer than 3 along the shorter one."""

_Terms = tuple[float, list[float], float]
"""The mean; every other frequency, from 0 to 1 where 0.5 is none; the amplitude of the strongest."""


def thumbhash(image: Image.Image) -> bytes:
    """Return the ThumbHash of a tiny `RGB` or `RGBA` picture."""
    width, height = image.size
    channels: list[Sequence[float]] = [band.tobytes() for band in image.split()]
    alpha = channels.pop() if image.mode == "RGBA" else b""
    transparent = any(each < _OPAQUE for each in alpha)
    red, green, blue = (_on_its_mean(each, alpha) for each in channels) if transparent else channels
    most, longer = (_BRIGHTNESS_BESIDE_ALPHA if transparent else _BRIGHTNESS), max(width, height)
    across, down = (max(1, _round(most * side / longer)) for side in (width, height))
    sums = list(map(add, red, green))
    brightness = _terms(list(map(add, sums, blue)), width, max(3, across), max(3, down), 3 * _OPAQUE)
    yellow = _terms([both / 2 - one for both, one in zip(sums, blue, strict=True)], width, _COLOUR, _COLOUR, _OPAQUE)
    reddish = _terms(list(map(sub, red, green)), width, _COLOUR, _COLOUR, _OPAQUE)
    parts = [brightness, yellow, reddish]
    head = _head(parts, (across, down), landscape=width > height, transparent=transparent)
    if transparent:
        parts.append(_terms(alpha, width, _ALPHA, _ALPHA, _OPAQUE))
        mean, _, scale = parts[-1]
        head += bytes([_round(15 * mean) | _round(15 * scale) << 4])
    return head + _in_pairs(_round(15 * term) for _, terms, _ in parts for term in terms)


def _head(parts: Sequence[_Terms], frequencies: tuple[int, int], *, landscape: bool, transparent: bool) -> bytes:
    """Return the means, the amplitudes and the proportions."""
    (bright, _, bright_scale), (yellow, _, yellow_scale), (reddish, _, reddish_scale) = parts
    first = (
        _round(63 * bright)
        | _round(31.5 + 31.5 * yellow) << 6
        | _round(31.5 + 31.5 * reddish) << 12
        | _round(31 * bright_scale) << 18
        | transparent << 23
    )
    shorter = frequencies[1] if landscape else frequencies[0]
    second = shorter | _round(63 * yellow_scale) << 3 | _round(63 * reddish_scale) << 9 | landscape << 15
    return first.to_bytes(3, "little") + second.to_bytes(2, "little")


def _on_its_mean(channel: Sequence[float], alpha: Sequence[float]) -> list[float]:
    """Return a channel laid over its own mean colour, where the picture is transparent."""
    mean = sum(map(mul, channel, alpha)) / (sum(alpha) or 1)
    return [mean + (value - mean) * share / _OPAQUE for value, share in zip(channel, alpha, strict=True)]


def _terms(channel: Sequence[float], width: int, across: int, down: int, unit: int) -> _Terms:
    """Transform a channel whose values go up to `unit`: the frequencies below the diagonal, row by row."""
    height = len(channel) // width
    values = list(map(float, channel))  # Python multiplies two floats twice as fast as a float and an integer.
    rows = [values[start : start + width] for start in range(0, len(values), width)]
    columns = [[sum(map(mul, wave, row)) for row in rows] for wave in _waves(width, across)]
    found = [
        sum(map(mul, wave, columns[x])) / (len(channel) * unit)
        for y, wave in enumerate(_waves(height, down))
        for x in range(across)
        if x * down < across * (down - y)
    ]
    mean, others = found[0], found[1:]
    scale = max(map(abs, others))
    return mean, [0.5 + 0.5 / scale * each for each in others] if scale else others, scale


@cache
def _waves(length: int, count: int) -> list[list[float]]:
    """Return the lowest frequencies of a side: a few dozen lists for all pictures, as both arguments are small."""
    return [[math.cos(math.pi / length * index * (at + 0.5)) for at in range(length)] for index in range(count)]


def _in_pairs(nibbles: Iterable[int]) -> bytes:
    """Return two to a byte, the first in the low half."""
    values = list(nibbles)
    values += [0] * (len(values) % 2)
    return bytes(low | high << 4 for low, high in zip(values[::2], values[1::2], strict=True))


def _round(value: float) -> int:
    """Round as JavaScript does, halves up."""
    return math.floor(value + 0.5)
