"""Scaling and cropping to a rendition's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.images.pixels.resampler import resampler
from worker.images.planning.fit import REDUCING_GAP

if TYPE_CHECKING:
    from collections.abc import Collection

    from PIL import Image

    from worker.images.planning.fit import Box, Size, Target


def resample(image: Image.Image, size: Size, box: Box, *, lossy: bool = False) -> Image.Image:
    """Scale the `box` of the picture to `size`; `lossy` says that it comes from a JPEG."""
    return resampler().resize(image, size, box, lossy=lossy)


def scale_and_crop(image: Image.Image, target: Target) -> Image.Image:
    """Scale to the target's full size and crop to its centre, in one operation."""
    if image.size == target.size:
        return image
    box = target.box(image.size)
    if image.size == target.full:
        return image.crop(box)
    return resample(image, target.size, box)


def size_to_scale(full: Size, made: Collection[Size]) -> Size:
    """Return which size of `made` to scale to `full`: the same, else the smallest twice as large, else the largest."""
    enough = [
        size
        for size in made
        if size == full or (size[0] >= REDUCING_GAP * full[0] and size[1] >= REDUCING_GAP * full[1])
    ]
    return min(enough) if enough else max(made)
