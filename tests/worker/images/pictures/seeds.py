"""Small whole files of every format and mode, to be damaged."""

from __future__ import annotations

from typing import Any

from tests.worker.images.pictures import factories, profiles

_STILL: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("jpeg", "JPEG", "RGB", {"quality": 80}),
    ("jpeg-progressive", "JPEG", "RGB", {"progressive": True}),
    ("jpeg-grey", "JPEG", "L", {}),
    ("jpeg-cmyk", "JPEG", "CMYK", {}),
    ("png", "PNG", "RGB", {}),
    ("png-alpha", "PNG", "RGBA", {}),
    ("png-palette", "PNG", "P", {"transparency": 3}),
    ("png-bilevel", "PNG", "1", {}),
    ("webp", "WEBP", "RGB", {}),
    ("webp-lossless", "WEBP", "RGBA", {"lossless": True}),
    ("gif", "GIF", "P", {}),
    ("avif", "AVIF", "RGB", {"speed": 10}),
    ("avif-alpha", "AVIF", "RGBA", {"speed": 10}),
    ("heic", "HEIF", "RGB", {}),
    ("heic-tiles", "HEIF", "RGB", {"tile_size": 64}),
    ("tiff", "TIFF", "RGB", {}),
    ("tiff-lzw", "TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("tiff-deflate", "TIFF", "RGBA", {"compression": "tiff_deflate"}),
    ("tiff-jpeg", "TIFF", "RGB", {"compression": "jpeg"}),
    ("tiff-fax", "TIFF", "1", {"compression": "group4"}),
    ("bmp", "BMP", "RGB", {}),
    ("bmp-palette", "BMP", "P", {}),
)


def seeds() -> dict[str, bytes]:
    """Return the files by name; those that can carry metadata and a colour profile do."""
    files = {}
    for label, name, mode, options in _STILL:
        rich = dict(options)
        if name in ("JPEG", "PNG", "WEBP", "AVIF"):
            rich |= {"exif": factories.exif(6, artist="A", copyright="C")}
        if name in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF") and mode in ("RGB", "RGBA"):
            rich |= {"icc_profile": profiles.rgb_profile("p3")}
        files[label] = factories.encode(factories.scene(120, 90, mode), name, **rich)
    for name in ("GIF", "WEBP", "PNG", "AVIF"):
        files[f"{name.lower()}-film"] = factories.film(name)
    return files
