"""JPEG, WebP and AVIF that do not move, from Pillow's encoders; of JPEG some markers are changed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from hypothesis import strategies as st
from PIL import ImageFile

from tests.worker.images.pictures.factories import encode, exif
from tests.worker.images.pictures.oracle.drawing.drawn import Drawn, sizes
from tests.worker.images.pictures.oracle.drawing.films import pictures
from tests.worker.images.pictures.profiles import cmyk_profile, grey_profile, rgb_profile

if TYPE_CHECKING:
    from collections.abc import Callable

ORIENTATIONS: Final = (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
PROFILES: Final = ("", "", "", "srgb", "p3", "adobe", "prophoto", "grey", "cmyk", "broken")


@st.composite
def metadata(draw: Callable) -> tuple[dict[str, Any], set[str]]:
    """Draw an orientation and a profile, as options of Pillow's encoders and as features."""
    options: dict[str, Any] = {}
    features = set()
    orientation, profile = draw(st.sampled_from(ORIENTATIONS)), draw(st.sampled_from(PROFILES))
    if orientation:
        options["exif"] = exif(orientation)
        features.add(f"orientation {orientation}")
    if profile:
        others = {"grey": grey_profile(1.8), "cmyk": cmyk_profile(), "broken": b"no profile" * 20}
        options["icc_profile"] = others.get(profile) or rgb_profile(profile)
        features.add(f"ICC {profile}")
    return options, features


@st.composite
def jpeg(draw: Callable) -> Drawn:
    """Draw a JPEG: grey, YCbCr, RGB or CMYK, of any subsampling, baseline or progressive, with or without its markers."""
    mode = draw(st.sampled_from(("RGB", "L", "CMYK")))
    options, features = draw(metadata())
    options |= {"quality": draw(st.sampled_from((90, 30, 100))), "progressive": draw(st.booleans())}
    features |= {mode, *(["progressive"] if options["progressive"] else [])}
    if draw(st.booleans()):
        options["restart_marker_blocks"] = draw(st.integers(1, 4))
        features.add("restarts")
    if mode == "RGB":
        stored = draw(st.sampled_from(({"subsampling": 0}, {"subsampling": 1}, {"subsampling": 2}, {"keep_rgb": True})))
        options |= stored
        features |= {f"{name} {value}" for name, value in stored.items()}
    picture = draw(pictures(draw(sizes()), mode))
    with patch.object(ImageFile, "MAXBLOCK", 1 << 20):  # Pillow's encoder fails where a scan is larger.
        data = encode(picture, "JPEG", **options)
    change = draw(st.sampled_from(("", "", "", "no JFIF", "no Adobe", "Adobe 0", "Adobe 1", "Adobe 2", "named RGB")))
    changed = _changed(data, change)
    features |= {change} if changed != data else set()
    return Drawn("JPEG", "image/jpeg", changed, frozenset(features), rough=True)


def _changed(data: bytes, change: str) -> bytes:
    """Return the file without a marker, with Adobe's marker of another transform, or with other names of components."""
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64" + bytes(4)
    at = data.find(adobe[:9])
    without = data[:at] + data[at + 16 :] if at >= 0 else data
    match change.split():
        case ["no", "JFIF"]:
            start = data.find(b"\xff\xe0\x00\x10JFIF")
            return data[:start] + data[start + 18 :] if start >= 0 else data
        case ["no", "Adobe"]:
            return without
        case ["Adobe", transform]:
            return without[:2] + adobe + bytes([int(transform)]) + without[2:]
        case ["named", _]:
            return _renamed(data)
    return data


def _renamed(data: bytes) -> bytes:
    """Name three components R, G and B, without saying so elsewhere: decoders without a marker take them for RGB."""
    out, at = bytearray(data), 2
    while at < len(out) - 4:
        marker, length = out[at + 1], int.from_bytes(out[at + 2 : at + 4], "big")
        if marker in (0xC0, 0xC2) and out[at + 9] == 3:
            out[at + 10 : at + 19 : 3] = b"RGB"
        if marker == 0xDA:
            names = range(at + 5, at + 5 + 2 * out[at + 4], 2)
            for where in names:
                out[where] = {1: 82, 2: 71, 3: 66}.get(out[where], out[where])
            at = _next_marker(out, at + 2 + length)
        else:
            at += 2 + length
    return bytes(out)


def _next_marker(data: bytearray, at: int) -> int:
    """Return where the next marker is that ends a scan."""
    while at < len(data) - 1 and not (data[at] == 0xFF and data[at + 1] and not 0xD0 <= data[at + 1] <= 0xD7):
        at += 1
    return at


@st.composite
def webp(draw: Callable) -> Drawn:
    """Draw a still WebP: lossy or lossless, with or without alpha."""
    mode, lossless = draw(st.sampled_from(("RGB", "RGBA"))), draw(st.booleans())
    options, features = draw(metadata())
    features |= {mode, "lossless" if lossless else "lossy"}
    picture = draw(pictures(draw(sizes()), mode))
    data = encode(picture, "WEBP", lossless=lossless, exact=draw(st.booleans()), quality=80, method=0, **options)
    return Drawn("WebP", "image/webp", data, frozenset(features), rough=not lossless or "icc_profile" in options)


@st.composite
def avif(draw: Callable) -> Drawn:
    """Draw a still AVIF: RGB or grey, with or without alpha, of any subsampling and range."""
    mode = draw(st.sampled_from(("RGB", "RGBA", "L")))
    options, features = draw(metadata())
    options |= {
        "subsampling": "4:0:0" if mode == "L" else draw(st.sampled_from(("4:4:4", "4:2:2", "4:2:0", "4:0:0"))),
        "range": draw(st.sampled_from(("full", "limited"))),
        "quality": draw(st.sampled_from((90, 100))),
        "alpha_premultiplied": mode == "RGBA" and draw(st.booleans()),
    }
    features |= {mode, options["subsampling"], options["range"]}
    features |= {"premultiplied"} if options["alpha_premultiplied"] else set()
    data = encode(draw(pictures(draw(sizes()), mode)), "AVIF", speed=10, **options)
    return Drawn("AVIF", "image/avif", data, frozenset(features), rough=True)
