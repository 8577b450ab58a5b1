"""What resamples: cykooz.resizer, which uses SIMD, where there is a wheel of it for this platform; Pillow elsewhere.

Both have the same geometry, let pixels around the box count at its edges, and multiply alpha in and out. Nothing else
knows which of them it is: what they make differs by rounding.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from PIL import Image

from worker.images.planning.fit import REDUCING_GAP

if TYPE_CHECKING:
    from worker.images.planning.fit import Box, Size

SIMD: Final = "cykooz.resizer"
PILLOW: Final = "Pillow"
_MODES: Final = ("L", "RGB", "RGBA", "CMYK")
"""What it takes of the modes that `unpack` leaves; Pillow does `LA`, which is rare."""
_STEPS: Final = 1 << 20
"""To a pixel. Whole steps are added without rounding: no box ends beyond its picture by the last bit, which is refused."""
_PROBE: Final = (16, 32, 64)


class Resize(Protocol):
    """Scales the `box` of a picture to `size`; `lossy` says that it comes from a JPEG."""

    def __call__(self, image: Image.Image, size: Size, box: Box, *, lossy: bool) -> Image.Image:
        """Return a new picture of the same mode."""
        ...


@dataclass(frozen=True)
class Resampler:
    """What does the work.

    Attributes:
        name: `SIMD` or `PILLOW`.
        resize: Does it.
        fault: Why the wheel that is there cannot be used; None where nothing is wrong.
    """

    name: str
    resize: Resize
    fault: str | None = None

    @property
    def simd(self) -> bool:
        """Whether it uses SIMD."""
        return self.name == SIMD


@cache
def resampler() -> Resampler:
    """Choose what does the work, once for the process; the first call loads the wheel, which takes 10 to 30 ms."""
    try:
        return Resampler(SIMD, _simd())
    except Exception as exc:  # noqa: BLE001 - whatever is wrong with it, pictures are to be rendered.
        missing = isinstance(exc, ModuleNotFoundError) and exc.name == "cykooz_resizer"
        return Resampler(PILLOW, by_pillow, fault=None if missing else f"{type(exc).__name__}: {exc}")


def leave_to_pillow() -> None:
    """Never load the wheel in this process: where memory ends, it aborts instead of raising `MemoryError`."""
    sys.modules["cykooz_resizer"] = None  # type: ignore[assignment]  # So an import fails (Python's reference, 5.3.1).


def resampler_in_use() -> Resampler | None:
    """Return what has done the work; None before the first picture that was scaled."""
    return resampler() if resampler.cache_info().currsize else None


def by_pillow(image: Image.Image, size: Size, box: Box, *, lossy: bool) -> Image.Image:
    """Scale by Pillow: by Lanczos, and what comes from a JPEG by bicubic.

    Bicubic takes three quarters of the time; most pictures are JPEGs, and most of the detail that only Lanczos keeps is
    lost in them anyway (`python -m bench.race.render` compares likeness and bytes).
    """
    return image.resize(size, Image.Resampling.BICUBIC if lossy else Image.Resampling.LANCZOS, box, REDUCING_GAP)


def _simd() -> Resize:
    """Load the wheel and try it: it reads the memory of Pillow's pictures, the layout of which is Pillow's own.

    Raises:
        Exception: Whatever is wrong with it.
    """
    from cykooz_resizer import (  # noqa: PLC0415 - only once a picture needs it, and not on every platform.
        CropBox,
        FilterType,
        ResizeAlg,
        ResizeOptions,
        Resizer,
    )

    lanczos = ResizeAlg.convolution(FilterType.lanczos3)

    def by_simd(image: Image.Image, size: Size, box: Box, *, lossy: bool) -> Image.Image:
        """Scale by Lanczos: here bicubic would save a millisecond."""
        if image.mode not in _MODES:
            return by_pillow(image, size, box, lossy=lossy)
        left, top, right, bottom = (round(_STEPS * edge) / _STEPS for edge in box)
        options = ResizeOptions(lanczos, crop_box=CropBox(left, top, right - left, bottom - top))
        made = Image.new(image.mode, size, None)
        # Its buffer grows and never shrinks: none is kept.
        Resizer().resize_pil(image, made, options)
        return made

    if by_simd(Image.new("RGB", (2, 2), _PROBE), (1, 1), (0, 0, 2, 2), lossy=False).getpixel((0, 0)) != _PROBE:
        raise ValueError("it does not read the pixels of this Pillow")
    return by_simd
