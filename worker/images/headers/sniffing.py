"""Which format a file is, decided by its first bytes and never by its name or Content-Type."""

from __future__ import annotations

from typing import Final

from worker.contracts.errors import UnsupportedFormat

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF", "TIFF", "BMP")
"""The allow-list, as Pillow names formats."""

_SIGNATURES: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"BM", "BMP"),
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_GENERIC_BRANDS: Final = frozenset({b"mif1", b"mif2", b"msf1", b"miaf", b"heif"})
"""Of pictures of any codec (ISO/IEC 23008-12, annex B); then the types of the items say which."""
_ITEM_TYPES: Final = ((b"av01", "AVIF"), (b"hvc1", "HEIF"))
_ITEMS: Final = 65_536
"""Bytes at the start of a file that its items are looked for in."""
_OTHER_FORMATS: Final = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"8BPS", "a Photoshop document"),
    (b"SIMPLE  =", "a FITS file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"PK\x03\x04", "a ZIP archive"),
)


def sniff(data: bytes) -> str:
    """Return the format of `data`, one of `FORMATS`.

    Raises:
        UnsupportedFormat: It is none of them; the detail names what it looks like.
    """
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _sniff_brands(data)
    raise UnsupportedFormat(
        f"The file is {_describe(data)}, not a picture that can be rendered; "
        "save it as JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF or BMP and upload it again."
    )


def _sniff_brands(data: bytes) -> str:
    """Distinguish AVIF, HEIC and other media by the brands in the `ftyp` box (ISO/IEC 14496-12, 4.3)."""
    size = int.from_bytes(data[:4], "big")
    box = data[8 : min(size, 512)]
    brands = {box[:4], *(box[at : at + 4] for at in range(8, len(box), 4))}
    if box[:4] in _HEIF_BRANDS or (brands & _HEIF_BRANDS and not brands & _AVIF_BRANDS):
        return "HEIF"
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _GENERIC_BRANDS:
        for kind, name in _ITEM_TYPES:
            if kind in data[:_ITEMS]:
                return name
    raise UnsupportedFormat(
        "The file is a film or another kind of media file, not a picture that can be rendered; "
        "save a picture as JPEG, PNG, WebP, AVIF or HEIC and upload it."
    )


def _describe(data: bytes) -> str:
    for signature, name in _OTHER_FORMATS:
        if data.startswith(signature):
            return name
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return "an SVG drawing"
    if head.startswith(b"<"):
        return "a web page or another text"
    return "of an unknown format"
