"""`python -m ops.dead_letters.report.shrink PICTURE OUT SIDE`: as much of a picture as can be decoded, within a square, as WebP.

Of a broken picture too, which the worker would reject: people recognise half of it. Run in a process with limits, since what it
decodes is what the worker failed at.
"""

from __future__ import annotations

import sys

from PIL import Image, ImageFile, ImageOps

_QUALITY = 70


def main(picture: str, out: str, side: int) -> None:
    """Write `out`, at most `side` pixels wide and high."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    with Image.open(picture) as image:
        image.draft("RGB", (side, side))
        image.thumbnail((side, side))
        upright = ImageOps.exif_transpose(image)
        has_alpha = upright.has_transparency_data
        upright.convert("RGBA" if has_alpha else "RGB").save(out, "WEBP", quality=_QUALITY)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
