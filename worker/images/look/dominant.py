"""The dominant colour of a picture: of what covers most of it, and not the mean, which may be a colour that it does not have."""

from __future__ import annotations

import math
from typing import Final

from PIL import Image

WHITE: Final = "#ffffff"
"""Of a picture that shows nothing: a page's own colour, most often."""
_GROUPS: Final = 6
_SETTLED: Final = 8
"""The groups are final once fewer pixels than this change theirs (`k_means` in Pillow's src/libImaging/Quant.c)."""
_LIKE: Final = 60
"""Distance of two colours that count as one. A sky or a lawn makes several groups, and would lose to a smaller even area."""

_Colour = tuple[int, ...]


def dominant(image: Image.Image) -> str:
    """Return the colour that most pixels of a tiny `RGB` or `RGBA` picture are like, `#rrggbb`.

    What is less than half as opaque as the most opaque pixel does not count: its colour is hardly seen.
    """
    pixels = _seen(image) if image.mode == "RGBA" else image
    if pixels is None:
        return WHITE
    groups = _groups(pixels)
    like = [{colour: count for colour, count in groups.items() if math.dist(colour, each) < _LIKE} for each in groups]
    most = max(like, key=lambda counts: sum(counts.values()))
    total = sum(most.values())
    return (
        "#" + bytes(round(sum(colour[at] * count for colour, count in most.items()) / total) for at in range(3)).hex()
    )


def _groups(pixels: Image.Image) -> dict[_Colour, int]:
    """Return the mean colours of a few groups of pixels, and how many each has."""
    # K-means, begun at the medians: by itself, the median cut makes groups of equal size.
    grouped = pixels.quantize(_GROUPS, Image.Quantize.MEDIANCUT, kmeans=_SETTLED)
    palette, counts = grouped.getpalette() or [], grouped.histogram()
    return {tuple(palette[3 * at : 3 * at + 3]): counts[at] for at in range(len(palette) // 3) if counts[at]}


def _seen(image: Image.Image) -> Image.Image | None:
    """Return the pixels that are seen, as one row; None if there are none."""
    alpha = image.getchannel("A").tobytes()
    if not any(alpha):
        return None
    least, data = max(alpha) / 2, image.convert("RGB").tobytes()
    seen = b"".join(data[3 * at : 3 * at + 3] for at, share in enumerate(alpha) if share >= least)
    return Image.frombytes("RGB", (len(seen) // 3, 1), seen)
