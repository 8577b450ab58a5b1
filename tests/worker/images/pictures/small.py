"""Small drawn pictures for tests that are not about pictures."""

from __future__ import annotations

import io

from PIL import Image


def jpeg(width: int = 40, height: int = 30, colour: str = "red") -> bytes:
    """Return a JPEG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()
