"""From any decoded mode to 8 bits per channel: `L`, `LA`, `RGB`, `RGBA` or `CMYK`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from worker.images.headers.header import Header

_BITS: Final = 8
_DEEP: Final = 16
_OPAQUE: Final = 255
_BYTE: Final = 256


def unpack(image: Image.Image, header: Header) -> Image.Image:
    """Return the picture as `L`, `LA`, `RGB`, `RGBA` or `CMYK` with 8 bits per channel.

    An alpha channel that is opaque everywhere is dropped.
    """
    return _without_opaque_alpha(to_eight_bits(image, header))


def to_eight_bits(image: Image.Image, header: Header) -> Image.Image:
    """Return the picture with 8 bits per channel.

    16 bits are scaled, not clipped. Palettes become colours, because indices cannot be resampled. A transparent colour
    becomes an alpha channel.
    """
    transparent = image.info.get("transparency")
    if image.mode in ("I;16", "I;16B"):
        image = _unpack_grey16(image, header, transparent)
    elif image.mode == "RGBA" and header.mode == "LA":
        # So Pillow has a PNG with 16 bits and a grey AVIF; a profile of greys needs greys.
        image = image.convert("LA")
    elif image.mode == "L" and transparent is not None and header.depth < _BITS:
        # Pillow scales 2 and 4 bits to 8, but not the transparent value.
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
    return image


def _unpack_grey16(image: Image.Image, header: Header, transparent: int | None) -> Image.Image:
    """Keep the high byte of each pixel; `convert` would clip every value above 255 to white."""
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


def _without_opaque_alpha(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image
    opaque = image.getchannel("A").getextrema() == (_OPAQUE, _OPAQUE)
    return image.convert(image.mode[:-1]) if opaque else image
