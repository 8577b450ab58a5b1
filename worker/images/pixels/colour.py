"""Conversion to sRGB by the embedded colour profile."""

from __future__ import annotations

import io
from functools import cache
from typing import Final

from PIL import Image, ImageChops, ImageCms

from worker.contracts.notes import PROFILE_IGNORED
from worker.images.headers.header import MAX_PROFILE
from worker.images.translation import FOREIGN

_GREYS: Final = {"L": "RGB", "LA": "RGBA"}
_SPACES: Final = {"RGB": b"RGB ", "RGBA": b"RGB ", "L": b"GRAY", "LA": b"GRAY", "CMYK": b"CMYK"}


class Colours:
    """Converts the frames of one file to sRGB by its embedded profile.

    As in browsers, a profile that is broken or made for other pixels is ignored, with a note, and CMYK without a usable
    profile is converted by multiplication.
    """

    def __init__(self, icc: bytes | None) -> None:
        self.notes: list[str] = []
        self._icc = icc
        self._transforms: dict[str, ImageCms.ImageCmsTransform | None] = {}

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """Return the picture in sRGB, as `L`, `LA`, `RGB` or `RGBA`."""
        if image.mode not in self._transforms:
            self._transforms[image.mode] = self._transform(image.mode)
        transform = self._transforms[image.mode]
        if transform is None:
            return image.convert("RGB") if image.mode == "CMYK" else image
        if self._is_for_colours and image.mode in _GREYS:
            image = image.convert(_GREYS[image.mode])
        elif image.mode == "LA":
            alpha = image.getchannel("A")
            image = transform.apply(image.getchannel("L"))
            image.putalpha(alpha)
            return image
        return transform.apply(image)

    @property
    def _is_for_colours(self) -> bool:
        return self._icc is not None and self._icc[16:20] == _SPACES["RGB"]

    def _transform(self, mode: str) -> ImageCms.ImageCmsTransform | None:
        if self._icc is None:
            return None
        if self._is_for_colours:  # Grey pixels are colours, too: browsers apply it.
            mode = _GREYS.get(mode, mode)
        if self._icc[16:20] != _SPACES[mode] or len(self._icc) > MAX_PROFILE:
            self.notes.append(PROFILE_IGNORED)
            return None
        single = "L" if mode == "LA" else mode
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(self._icc))
            transform = ImageCms.buildTransform(profile, _srgb(), single, "RGBA" if mode == "RGBA" else "RGB")
            return None if mode != "CMYK" and _is_identity(transform, single) else transform
        except FOREIGN:
            self.notes.append(PROFILE_IGNORED)
            return None


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@cache
def _probe(mode: str) -> Image.Image:
    """Return a picture with colours from the whole RGB cube."""
    steps = range(0, 256, 15)
    rgb = bytes(value for r in steps for g in steps for b in steps for value in (r, g, b))
    side = len(steps)
    return Image.frombytes("RGB", (side * side, side), rgb).convert(mode)


def _is_identity(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether the profile is sRGB, whatever its name; converting would then only take time."""
    probe = _probe(mode)
    after = transform.apply(probe)
    difference = ImageChops.difference(after.convert("RGB"), probe.convert("RGB"))
    return difference.point(lambda value: 255 * (value > 1)).getbbox() is None
