"""From pixels to an encoded file, with the options of each format."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from PIL import AvifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from worker.images.containers.exif import write_exif
from worker.images.containers.repetition import write_plays
from worker.images.containers.riff import mark_alpha

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.contracts.recipes.specs import RenditionSpec
    from worker.images.containers.exif import Exif

PLUGINS: Final = (AvifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
"""Importing these registers their formats; `save` would otherwise load every plugin of Pillow."""

_LOWER: Final = 3 / 4
_AVIF_OPTIONS: Final = {"enable-intrabc": "0", "enable-smooth-intra": "0", "enable-paeth-intra": "0"}
"""libaom's: `bench.race.render` says what each costs. Without intrabc, graphics need a quarter less memory, too."""


def _webp(spec: RenditionSpec, quality: int, mode: str) -> dict[str, Any]:
    # Method 6 tries every filter on the alpha channel, which takes minutes instead of seconds.
    return {"quality": quality, "method": min(spec.effort, 5) if mode == "RGBA" else spec.effort}


def _avif(spec: RenditionSpec, quality: int, _: str) -> dict[str, Any]:
    # One thread, so that memory is the same everywhere. libavif's speed is 0 (small) to 10 (fast). Below 8, an
    # animation takes eight times as long and keeps dozens of frames in memory.
    speed = 10 - (spec.effort // 3 if spec.animated else spec.effort)
    return {"quality": quality, "speed": speed, "max_threads": 1, "advanced": _AVIF_OPTIONS}


def _jpeg(_: RenditionSpec, quality: int, __: str) -> dict[str, Any]:
    return {"quality": quality, "progressive": True, "optimize": True}


def _png(spec: RenditionSpec, _: int, __: str) -> dict[str, Any]:
    return {"compress_level": min(9, 3 + spec.effort)}


_OPTIONS: Final[Mapping[str, Callable[[RenditionSpec, int, str], dict[str, Any]]]] = {
    "webp": _webp,
    "avif": _avif,
    "jpeg": _jpeg,
    "png": _png,
}


def encode(image: Image.Image, spec: RenditionSpec, exif: Exif, **animation: Any) -> bytes:
    """Encode a picture, or an animation with Pillow's options for it (`save_all`, `duration`, `loop`)."""
    return _encode(image, spec, spec.quality, exif, **animation)


def encode_lower(image: Image.Image, spec: RenditionSpec, exif: Exif, **animation: Any) -> bytes:
    """Encode at three quarters of the quality; PNG, which has no quality, with the most effort."""
    if spec.format == "png":
        return _save(image, spec, exif, {"optimize": True, **animation})
    return _encode(image, spec, max(1, round(spec.quality * _LOWER)), exif, **animation)


def _encode(image: Image.Image, spec: RenditionSpec, quality: int, exif: Exif, **animation: Any) -> bytes:
    options = _OPTIONS[spec.format](spec, quality, image.mode) | animation
    if animation and spec.format == "avif":
        # Chromium 156 takes the full range of a sequence for limited, and shows wrong colours.
        options["range"] = "limited"
    return _save(image, spec, exif, options)


def _save(image: Image.Image, spec: RenditionSpec, exif: Exif, options: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    image.save(out, spec.format, exif=write_exif(exif) if spec.keep_copyright else b"", **options)
    if spec.format == "avif":
        return write_plays(out.getvalue(), options.get("loop", 0))
    return mark_alpha(out.getvalue()) if spec.format == "webp" and image.mode == "RGBA" else out.getvalue()


def prepare(image: Image.Image, spec: RenditionSpec) -> Image.Image:
    """Return the picture in a mode that the format can hold; for JPEG, on the background instead of with alpha."""
    if spec.format == "jpeg" and image.mode in ("LA", "RGBA"):
        return _flatten(image, spec.background)
    if spec.format != "png" and image.mode == "LA":
        return image.convert("RGBA")
    return image


def _flatten(image: Image.Image, background: str) -> Image.Image:
    flat = Image.new("RGB", image.size, background)
    flat.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return flat
