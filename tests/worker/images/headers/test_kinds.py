"""Kinds that were told to be something else, or came out wrong without a word."""

from __future__ import annotations

import io

import pillow_heif
import pytest
from PIL import Image

from worker.contracts.errors import CorruptImage, UnsupportedFormat
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import render
from worker.images.headers.sniffing import sniff


def shown(data: bytes) -> Image.Image:
    """Return the picture as the worker shows it."""
    spec = RenditionSpec("p", 99, 99, format="png")
    made = render(data, (spec,), wanted=["p"], memory_bytes=512 * 2**20)
    return Image.open(io.BytesIO(made.renditions[0].data))


def heif(image: Image.Image, **options: object) -> bytes:
    """Return a HEIC of the picture."""
    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=-1, **options)
    return file.getvalue()


@pytest.mark.parametrize("bits", [10, 12])
def test_a_deep_grey_heif_is_a_ramp(bits, monkeypatch):
    """Its samples are scaled to 8 bits once: scaled twice, a ramp was a sawtooth."""
    monkeypatch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", bits == 12)
    ramp = Image.frombytes("I;16", (64, 8), b"".join((x << 10).to_bytes(2, "little") for x in range(64)) * 8)
    picture = shown(heif(ramp)).convert("L")
    row = picture.crop((0, 4, 64, 5)).tobytes()
    assert all(abs(value - x * 4) <= 3 for x, value in enumerate(row))


@pytest.mark.parametrize("brand", [b"mif1", b"miaf", b"heif"])
def test_a_picture_with_only_generic_brands_is_known_by_its_items(brand):
    """Some phones write none that names the codec: such a HEIC was called a film."""
    data = bytearray(heif(Image.new("RGB", (64, 48), (200, 30, 30))))
    size = int.from_bytes(data[:4], "big")
    data[8:size] = b"mif1" + data[12:16] + b"mif1" + brand * ((size - 20) // 4)
    assert sniff(bytes(data)) == "HEIF"
    assert shown(bytes(data)).size == (64, 48)


def test_a_film_is_none():
    """Without an item of a picture's codec."""
    with pytest.raises(UnsupportedFormat, match="film"):
        sniff(b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1isom" + bytes(100))


def test_a_palette_picture_without_palette_is_damaged():
    """Its colours are gone: it was rendered all black."""
    file = io.BytesIO()
    Image.new("P", (32, 32), 3).save(file, "PNG")
    data = file.getvalue()
    at = data.index(b"PLTE") - 4
    end = at + 12 + int.from_bytes(data[at : at + 4], "big")
    with pytest.raises(CorruptImage, match="without the palette"):
        shown(data[:at] + data[end:])
