"""Structural similarity of two pictures: how much of one a person finds in the other; 1 is all.

Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE Transactions on Image
Processing 13 (2004), equation 13, on luma, with uniform windows of 8 x 8 pixels, one every 4 pixels, as x264's measure has them.
Imports Pillow, which the worker's requirements bring.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageMath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_PIXELS: Final = 20_000_000
"""Of 36 bytes each while they are compared."""
_WINDOW: Final = 8
_C1: Final = (0.01 * 255) ** 2
_C2: Final = (0.03 * 255) ** 2


def likeness(rendition: Path, reference: Path, background: str) -> float | None:
    """Return how like the first frame of a rendition is to a reference of the same picture, both on `background`.

    None where they cannot be compared: their sizes differ, or they are too large to compare here.
    """
    with Image.open(rendition) as one, Image.open(reference) as other:
        if one.size != other.size or one.width * one.height > _MOST_PIXELS:
            return None
        return ssim(_on(one, background), _on(other, background))


def _on(image: Image.Image, background: str) -> Image.Image:
    """What is transparent may have any colour below it."""
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, background), rgba)


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Return the mean similarity of two pictures of the same size.

    Raises:
        ValueError: Their sizes differ.
    """
    if one.size != other.size:
        raise ValueError(f"{one.size} cannot be compared with {other.size}")
    x, y = (image.convert("L").convert("F") for image in (one, other))
    found = [(_mean(windows), windows.width * windows.height) for windows in _likenesses(x, y)]
    return sum(mean * count for mean, count in found) / sum(count for _, count in found)


def _likenesses(x: Image.Image, y: Image.Image) -> Iterator[Image.Image]:
    """Yield the similarity of the windows, those that begin at each offset as one picture."""
    width, height = (min(_WINDOW, side) for side in x.size)
    for left, top in product((0, _WINDOW // 2), repeat=2):
        columns, rows = (x.width - left) // width, (x.height - top) // height
        if columns > 0 and rows > 0:
            box = (left, top, left + columns * width, top + rows * height)
            means = [image.reduce((width, height), box) for image in (x, y, *_products(x, y))]
            yield ImageMath.lambda_eval(_likeness, **dict(zip(("x", "y", "xx", "yy", "xy"), means, strict=True)))


def _mean(values: Image.Image) -> float:
    return float(values.reduce(values.size).getpixel((0, 0)))  # type: ignore[arg-type]  # of mode F: one float


def _products(x: Image.Image, y: Image.Image) -> list[Image.Image]:
    pairs = ((x, x), (y, y), (x, y))
    return [ImageMath.lambda_eval(lambda of: of["a"] * of["b"], a=one, b=other) for one, other in pairs]


def _likeness(of: dict[str, Any]) -> Any:
    x, y = of["x"], of["y"]
    variances, covariance = of["xx"] - x * x + of["yy"] - y * y, of["xy"] - x * y
    return (2 * x * y + _C1) * (2 * covariance + _C2) / ((x * x + y * y + _C1) * (variances + _C2))
