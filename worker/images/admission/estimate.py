"""Whether a picture fits into the function's memory, decided from its header before a pixel is decoded.

The estimate is of the whole process: what Python, boto3 and Pillow take by themselves, the file, and the most that any
moment of the work needs. Every number in it was measured; `python -m bench.memory` measures again and shows that no
estimate is below its peak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.images.planning.fit import GAP, Size, Target, area
from worker.images.planning.plan import Plan, reduction

if TYPE_CHECKING:
    from worker.images.headers.header import Header

MEBIBYTE: Final = 1024 * 1024
BASE: Final = 90 * MEBIBYTE
"""Interpreter, boto3 with two clients, Pillow with its codecs: 70 measured; the rest is for Lambda's runtime client."""

_SAFETY: Final = 1.05
_STORED: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2}
"""Bytes of a pixel in Pillow's memory; all other modes take 4, `LA` and `RGB` too."""
_ENCODER: Final = {"webp": 18, "avif": 40, "jpeg": 6, "png": 6}
_ALPHA_ENCODER: Final = {"webp": 36, "avif": 44, "jpeg": 15, "png": 10}
_MOVING_ENCODER: Final = {"webp": 52, "avif": 140, "png": 24}
"""Bytes per pixel that an encoder needs beside the picture, its output included."""
_HELD_FRAME: Final = 8
"""Bytes per pixel of every frame that Pillow's APNG writer keeps until the end; the other two keep none."""


def estimate(plan: Plan, file_bytes: int) -> int:
    """Return the bytes that the whole process will have used at its peak."""
    header = plan.header
    files = file_bytes + (len(header.payload) if len(header.payload) != file_bytes or header.format in _COPIED else 0)
    peaks = [_still(plan)] if plan.still else []
    peaks += [_moving(header, target) for target in plan.animated]
    return BASE + files + round(_SAFETY * max(peaks, default=0))


_COPIED: Final = frozenset({"PNG", "TIFF"})
"""Formats whose payload is a copy even where it is as long as the file; a JPEG's scans are never copied."""


def _still(plan: Plan) -> int:
    """Return the most of three moments: decoding, changing colours or turning, and encoding the costliest rendition."""
    header, targets, full = plan.header, plan.still, plan.largest
    _, pixel, _ = _pixel_bytes(header)
    kept = pixel * sum(area(size) for size in {target.full for target in targets})
    encoders = _ALPHA_ENCODER if _has_alpha(header) else _ENCODER
    encoding = max(encoders[target.spec.format] * area(target.size) for target in targets)
    return max(_decoding(header, full), 2 * 4 * area(full), kept + encoding)


def _decoding(header: Header, full: Size) -> int:
    """Return the more of two moments: the decoder at its end, and the picture while it is unpacked and shrunk."""
    needed = header.swap_axes(full)
    scale = reduction(header, needed)
    decoded = -(-header.width // scale), -(-header.height // scale)
    loaded, unpacked, peak = _pixel_bytes(header)
    shrinking = 0 if needed == header.size else _resampling(decoded, needed, unpacked)
    return max(header.buffers + loaded * area(decoded), peak * area(decoded) + shrinking)


def _pixel_bytes(header: Header) -> tuple[int, int, int]:
    """Return the bytes of a pixel as decoded, as unpacked, and while one becomes the other or alpha is multiplied in."""
    loaded = _STORED.get(header.mode, 4)
    alpha = _has_alpha(header)
    unpacked = 4 if alpha or header.mode == "P" or loaded == 4 else 1  # noqa: PLR2004 - four channels.
    if header.mode == "I;16":
        return loaded, unpacked, 11 if alpha else 5
    becomes = loaded + unpacked if alpha or header.mode in ("1", "P", "LAB") else loaded
    return loaded, unpacked, max(becomes, 2 * unpacked if alpha else unpacked)


def _has_alpha(header: Header) -> bool:
    return header.transparent or header.mode in ("LA", "RGBA", "RGBa")


def _resampling(decoded: Size, needed: Size, pixel: int) -> int:
    """Return what Pillow needs to resample: the picture reduced by whole numbers, then narrowed, then done."""
    across, down = (max(1, int(decoded[axis] / needed[axis] / GAP)) for axis in (0, 1))
    reduced = -(-decoded[0] // across) * -(-decoded[1] // down) if across * down > 1 else 0
    return pixel * (reduced + needed[0] * -(-decoded[1] // down) + 2 * area(needed))


def _moving(header: Header, target: Target) -> int:
    frame = 16 * area(header.size) + header.buffers
    held = header.frames * _HELD_FRAME if target.spec.format == "png" else 0
    return frame + (_MOVING_ENCODER[target.spec.format] + held + 12) * area(target.full)
