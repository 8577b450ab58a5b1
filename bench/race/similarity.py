"""Structural similarity of two pictures: how much of one a person finds in the other; 1 is all.

Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", IEEE Transactions on Image
Processing 13 (2004), equation 13, on luma, with a uniform window of 8 x 8 pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

_WINDOW: Final = 8
_C1: Final = (0.01 * 255) ** 2
_C2: Final = (0.03 * 255) ** 2


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Return the mean similarity of two pictures of the same size.

    Raises:
        ValueError: Their sizes differ.
    """
    if one.size != other.size:
        raise ValueError(f"{one.size} cannot be compared with {other.size}")
    x, y = (np.asarray(image.convert("L"), dtype=np.float64) for image in (one, other))
    mean_x, mean_y = _means(x), _means(y)
    variance_x, variance_y = _means(x * x) - mean_x**2, _means(y * y) - mean_y**2
    covariance = _means(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + _C1) * (2 * covariance + _C2)
    return float((likeness / ((mean_x**2 + mean_y**2 + _C1) * (variance_x + variance_y + _C2))).mean())


def _means(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the mean of every window, by sums over the rectangle from the corner."""
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    size = _WINDOW
    areas: np.ndarray[Any, Any] = sums[size:, size:] - sums[:-size, size:] - sums[size:, :-size] + sums[:-size, :-size]
    return areas / size**2
