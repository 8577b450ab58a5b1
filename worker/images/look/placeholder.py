"""The placeholder: a WebP of a few pixels in a `data:` URI, which a browser blurs by enlarging it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Final

from worker.images.look.tiny import reduced

if TYPE_CHECKING:
    from PIL import Image

MAX_LENGTH: Final = 300
"""Characters of the URI, in a manifest and on each page that shows the picture."""
SIZES: Final = ((24, 40), (24, 15), (16, 15), (8, 15), (2, 0))
"""The longer side in pixels, and the quality: the first that fits is taken. Even noise with alpha fits as the last."""
_PREFIX: Final = "data:image/webp;base64,"


def placeholder(image: Image.Image) -> str:
    """Return the placeholder of a tiny `RGB` or `RGBA` picture; transparency stays."""
    made = (_encoded(reduced(image, side), quality) for side, quality in SIZES)
    return next(uri for uri in made if len(uri) <= MAX_LENGTH)


def _encoded(image: Image.Image, quality: int) -> str:
    out = io.BytesIO()
    image.save(out, "webp", quality=quality, alpha_quality=quality, method=4)
    return _PREFIX + base64.b64encode(out.getvalue()).decode()
