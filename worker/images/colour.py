"""Whatever the pixels mean becomes 8-bit sRGB: `L`, `LA`, `RGB` or `RGBA`."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageCms

from worker.images.translation import FOREIGN

if TYPE_CHECKING:
    from worker.images.header import Header

MAX_PROFILE: Final = 4 * 1024 * 1024
"""Bytes of a colour profile that is still looked at."""

_SPACES: Final = {"RGB": b"RGB ", "RGBA": b"RGB ", "L": b"GRAY", "LA": b"GRAY", "CMYK": b"CMYK"}
_BITS: Final = 8
_DEEP: Final = 16
_OPAQUE: Final = 255
_BYTE: Final = 256


def unpack(image: Image.Image, header: Header) -> Image.Image:
    """Return the picture as `L`, `LA`, `RGB`, `RGBA` or `CMYK` with 8 bits per channel.

    16 bits are scaled, not clipped; palettes are resolved, because palette indices cannot be resampled; a transparent
    colour becomes an alpha channel; an alpha channel that hides nothing is dropped.
    """
    transparent = image.info.get("transparency")
    if image.mode in ("I;16", "I;16B"):
        image = _unpack_grey16(image, header, transparent)
    elif image.mode == "L" and transparent is not None and header.depth < _BITS:
        # Pillow spreads 2 and 4 bits over the byte, but leaves the transparent value as it is.
        image.info["transparency"] = transparent * _OPAQUE // ((1 << header.depth) - 1)
        image = image.convert("LA")
    elif image.mode == "RGB" and transparent is not None and header.depth == _DEEP:
        image = image.copy()
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
        image = image.convert("RGBA")
    elif transparent is not None:
        image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    elif image.mode in ("P", "PA", "RGBX", "YCbCr", "LAB", "RGBa"):
        image = image.convert("RGBA" if image.mode in ("PA", "RGBa") else "RGB")
    elif image.mode in ("1", "La"):
        image = image.convert("L" if image.mode == "1" else "LA")
    return _without_idle_alpha(image)


def _unpack_grey16(image: Image.Image, header: Header, transparent: int | None) -> Image.Image:
    """Take the high byte of each pixel; `convert` would clip everything above 255 to white."""
    if header.depth < _DEEP:
        image = image.point(lambda value: value * (1 << _DEEP - header.depth))
    grey = Image.frombytes("L", image.size, image.tobytes(), "raw", "L;16B" if image.mode == "I;16B" else "L;16")
    if header.inverted:
        grey = ImageChops.invert(grey)
    if transparent is not None:
        table = [_OPAQUE] * (_BYTE * _BYTE)
        table[transparent] = 0
        grey.putalpha(image.convert("I").point(table, "L"))
    return grey


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image
    opaque = image.getchannel("A").getextrema() == (_OPAQUE, _OPAQUE)
    return image.convert(image.mode[:-1]) if opaque else image


class Colours:
    """Converts the frames of one file to sRGB by its embedded profile.

    A profile that is broken, or that does not fit the pixels, is ignored with a note, as browsers do; CMYK without a
    usable profile is converted by multiplication, as browsers do too.
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
        if image.mode == "LA":
            alpha = image.getchannel("A")
            image = transform.apply(image.getchannel("L"))
            image.putalpha(alpha)
            return image
        return transform.apply(image)

    def _transform(self, mode: str) -> ImageCms.ImageCmsTransform | None:
        if self._icc is None:
            return None
        if self._icc[16:20] != _SPACES[mode] or len(self._icc) > MAX_PROFILE:
            self.notes.append("colour profile ignored: it is broken or not meant for these pixels")
            return None
        single = "L" if mode == "LA" else mode
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(self._icc))
            transform = ImageCms.buildTransform(profile, _srgb(), single, "RGBA" if mode == "RGBA" else "RGB")
            return None if mode != "CMYK" and _is_identity(transform, single) else transform
        except FOREIGN:
            self.notes.append("colour profile ignored: it is broken")
            return None


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@cache
def _probe(mode: str) -> Image.Image:
    """Return a picture with colours from all over the cube."""
    steps = range(0, 256, 15)
    rgb = bytes(value for r in steps for g in steps for b in steps for value in (r, g, b))
    side = len(steps)
    return Image.frombytes("RGB", (side * side, side), rgb).convert(mode)


def _is_identity(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether the profile is sRGB under whatever name: then converting would only cost time."""
    probe = _probe(mode)
    after = transform.apply(probe)
    difference = ImageChops.difference(after.convert("RGB"), probe.convert("RGB"))
    return difference.point(lambda value: 255 * (value > 1)).getbbox() is None
