"""The memory that rendering a picture takes: what a plan needs at its peak, in bytes.

The estimate is of the whole process: Python, boto3 and Pillow by themselves, the file, and the costliest step. Every
number was measured. `python -m bench.memory` measures again; no peak may exceed its estimate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.contracts.function.memory import BASE
from worker.images.planning.fit import REDUCING_GAP, Size, Target, area
from worker.images.planning.plan import Plan, reduction

if TYPE_CHECKING:
    from worker.images.headers.header import Header

_SAFETY: Final = 1.05
_STORED: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2}
"""Bytes per pixel in Pillow's memory, by mode; every other mode takes 4, `LA` and `RGB` too."""
_ENCODER: Final = {"webp": 18, "avif": 40, "jpeg": 6, "png": 6}
_ALPHA_ENCODER: Final = {"webp": 36, "avif": 44, "jpeg": 15, "png": 10}
_ANIMATED_ENCODER: Final = {"webp": 52, "avif": 140, "png": 24}
"""Bytes per pixel that an encoder needs besides the picture, including its output."""
_HELD_FRAME: Final = 8
"""Bytes per pixel of each frame. Pillow's APNG writer keeps all frames until the end, the other two writers none."""


def estimate(plan: Plan, file_bytes: int) -> int:
    """Return the peak memory of the whole process, in bytes."""
    header = plan.header
    files = file_bytes + (len(header.payload) if len(header.payload) != file_bytes or header.format in _COPIED else 0)
    peaks = [_still(plan)] if plan.still else []
    peaks += [_animated(header, target) for target in plan.animated]
    return BASE + files + round(_SAFETY * max(peaks, default=0))


_COPIED: Final = frozenset({"PNG", "TIFF"})
"""Formats whose payload is a copy even when it is as long as the file. A JPEG's scans are never copied."""


def _still(plan: Plan) -> int:
    """Return the largest of three steps: decoding, converting colours or rotating, encoding the costliest rendition."""
    header, targets, full = plan.header, plan.still, plan.largest
    _, pixel, _ = _pixel_bytes(header)
    kept = pixel * sum(area(size) for size in {target.full for target in targets})
    encoders = _ALPHA_ENCODER if _has_alpha(header) else _ENCODER
    encoding = max(encoders[target.spec.format] * area(target.size) for target in targets)
    return max(_decoding(header, full), 2 * 4 * area(full), kept + encoding)


def _decoding(header: Header, full: Size) -> int:
    """Return the larger of two steps: the end of decoding, and unpacking and resampling."""
    needed = header.swap_axes(full)
    scale = reduction(header, needed)
    decoded = -(-header.width // scale), -(-header.height // scale)
    loaded, unpacked, peak = _pixel_bytes(header)
    shrinking = 0 if needed == header.size else _resampling(decoded, needed, unpacked)
    return max(header.buffers + loaded * area(decoded), peak * area(decoded) + shrinking)


def _pixel_bytes(header: Header) -> tuple[int, int, int]:
    """Return the bytes per pixel as decoded, as unpacked, and at the peak of unpacking or of multiplying alpha in."""
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
    """Return what it takes to resample, by whichever of the two needs more: the answer is the same on every computer.

    Pillow reduces by whole factors, scales the width, then the height. SIMD scales the height, then the width.
    """
    across, down = (max(1, int(decoded[axis] / needed[axis] / REDUCING_GAP)) for axis in (0, 1))
    reduced = -(-decoded[0] // across) * -(-decoded[1] // down) if across * down > 1 else 0
    by_pillow = reduced + needed[0] * -(-decoded[1] // down) + area(needed)
    return pixel * (max(by_pillow, decoded[0] * needed[1]) + area(needed))


def _animated(header: Header, target: Target) -> int:
    """Return what one decoded frame takes, and the encoder."""
    frame = 16 * area(header.size) + header.buffers
    held = header.frames * _HELD_FRAME if target.spec.format == "png" else 0
    return frame + (_ANIMATED_ENCODER[target.spec.format] + held + 12) * area(target.full)
