"""The units of an AV1 stream (OBU), and its sequence header (AV1 specification, 5.3 and 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SEQUENCE: Final = 1
"""Kind of the unit that states the frame size."""

_HAS_EXTENSION, _HAS_SIZE = 4, 2
_HIGH, _PROFESSIONAL = 1, 2
"""Profiles: the high one always has colours."""


@dataclass(frozen=True)
class Sequence:
    """What a sequence header states: the profile, the largest frame size in pixels, and whether it has no colour planes."""

    profile: int
    width: int
    height: int
    grey: bool


def units(stream: memoryview) -> Iterator[tuple[int, int, int]]:
    """Yield each unit's kind, and where it starts and ends; a unit without a size reaches to the end of the stream."""
    at = 0
    while at < len(stream):
        head = stream[at]
        at += 2 if head & _HAS_EXTENSION else 1
        size, at = _leb128(stream, at) if head & _HAS_SIZE else (len(stream) - at, at)
        yield head >> 3 & 15, at, at + size
        at += size


def _leb128(stream: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for count in range(8):
        byte = stream[at + count]
        value |= (byte & 127) << 7 * count
        if byte < 128:  # noqa: PLR2004 - the continuation bit.
            return value, at + count + 1
    return value, at + 8


class _Bits:
    """Reads bits, the most significant first."""

    def __init__(self, data: memoryview) -> None:
        self._value = int.from_bytes(data[:256], "big")
        self._left = 8 * len(data[:256])

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError("a sequence header ends too early")
        return self._value >> self._left & (1 << count) - 1

    def skip_uvlc(self) -> None:
        zeros = 0
        while not self.take(1):
            zeros += 1
        self.take(zeros)


def read_sequence(data: memoryview) -> Sequence:
    """Read the contents of a sequence header.

    Raises:
        IndexError: It ends too early.
    """
    bits = _Bits(data)
    profile = bits.take(3)
    bits.take(1)
    reduced = bits.take(1)
    if reduced:
        bits.take(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    width, height = bits.take(width_bits) + 1, bits.take(height_bits) + 1
    if not reduced and bits.take(1):
        bits.take(7)
    bits.take(3)
    if not reduced:
        _skip_tools(bits)
    bits.take(3)
    deep = bits.take(1)
    if profile == _PROFESSIONAL and deep:
        bits.take(1)
    return Sequence(profile, width, height, grey=profile != _HIGH and bool(bits.take(1)))


def _skip_operating_points(bits: _Bits) -> None:
    delay = 0
    if bits.take(1):
        bits.take(64)
        if bits.take(1):
            bits.skip_uvlc()
        if bits.take(1):
            delay = bits.take(5) + 1
            bits.take(42)
    display_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:  # noqa: PLR2004 - levels above 3.3 have a tier.
            bits.take(1)
        if delay and bits.take(1):
            bits.take(2 * delay + 1)
        if display_delay and bits.take(1):
            bits.take(4)


def _skip_tools(bits: _Bits) -> None:
    bits.take(4)
    ordered = bits.take(1)
    if ordered:
        bits.take(2)
    chosen_later = bits.take(1)
    if (chosen_later or bits.take(1)) and not bits.take(1):
        bits.take(1)
    if ordered:
        bits.take(3)
