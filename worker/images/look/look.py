"""The look of one picture, put together.

Nothing can fail here but memory: no file is read, every size and mode is known, and a few kilobytes are asked for where megabytes
were just now. So no error is caught. It takes none beyond the picture's estimate, either: an opaque picture is reduced
in place, a transparent one is copied once, which is less than its encoder takes.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.images.look.dominant import dominant
from worker.images.look.placeholder import placeholder
from worker.images.look.thumbhash import thumbhash
from worker.images.look.tiny import COARSE, reduced, tiny

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Look:
    """What a picture looks like, as in `worker.contracts.manifest.PictureEntry`."""

    color: str
    placeholder: str
    thumbhash: str


def look_of(image: Image.Image) -> Look:
    """Return the look of a picture in sRGB, in a mode that `Colours.to_srgb` returns: `L`, `LA`, `RGB` or `RGBA`."""
    small = tiny(image)
    smaller = reduced(small, COARSE)
    return Look(dominant(smaller), placeholder(small), base64.b64encode(thumbhash(smaller)).decode())
