from __future__ import annotations

import io
import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, distance, output, picture, pixel, pixels
from worker.contracts.errors import UnsupportedFormat
from worker.images.pixels.resampling import resample

RAMP16 = [0, 0x0100, 0x4000, 0x7FFF, 0x8000, 0xFF00, 0xFFFF]
RAMP8 = [value >> 8 for value in RAMP16]


def png_grey(depth: int, values: list[int], *extra: bytes) -> bytes:
    """Return a grey PNG of one row."""
    bits = "".join(format(value, f"0{depth}b") for value in values)
    bits = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return factories.png(len(values), 1, depth, 0, b"\x00" + int(bits, 2).to_bytes(len(bits) // 8, "big"), *extra)


def test_16_bit_grey_png_is_scaled_not_clipped():
    """Each value is divided by 256; nothing above 255 turns white."""
    made = picture(png_grey(16, RAMP16))
    assert (made.mode, pixels(made).flatten().tolist()) == ("L", RAMP8)


@pytest.mark.parametrize("kind", [2, 6])
def test_16_bit_colour_png_is_scaled(kind):
    """RGB and RGBA with 16 bits keep the high byte of every channel."""
    channels = 3 if kind == 2 else 4
    values = (RAMP16 * 4)[: channels * 7]
    made = picture(factories.png(7, 1, 16, kind, b"\x00" + struct.pack(f">{len(values)}H", *values)))
    assert pixels(made).flatten().tolist() == [value >> 8 for value in values]


def test_16_bit_grey_with_alpha_png_is_scaled():
    """LA with 16 bits keeps its alpha."""
    made = picture(factories.png(2, 1, 16, 4, b"\x00" + struct.pack(">4H", 0x8000, 0xFFFF, 0x4000, 0x8000)))
    assert pixels(made.convert("LA")).tolist() == [[[0x80, 255], [0x40, 0x80]]]


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bit_grey_tiff_is_scaled_in_both_byte_orders(order):
    """Little and big-endian files give the same grey."""
    made = picture(factories.tiff((7, 1), 16, 1, struct.pack(f"{order}7H", *RAMP16), order=order))
    assert (made.mode, pixels(made).flatten().tolist()) == ("L", RAMP8)


def test_16_bit_grey_tiff_with_white_as_zero_is_no_negative():
    """Photometric interpretation 0 means that 0 is white."""
    made = picture(factories.tiff((7, 1), 16, 0, struct.pack("<7H", *RAMP16)))
    assert pixels(made).flatten().tolist() == [255 - value for value in RAMP8]


def test_12_bit_grey_tiff_is_scaled():
    """Medical and scientific 12 bits use the whole range from black to white."""
    made = picture(factories.tiff((4, 1), 12, 1, bytes.fromhex("000400800fff")))
    assert pixels(made).flatten().tolist() == [0, 0x40, 0x80, 0xFF]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("samples", "photometric", "extra"), [(3, 2, {}), (4, 2, {338: (3, [2])})])
def test_16_bit_colour_tiff_is_scaled(order, samples, photometric, extra):
    """RGB and RGBA with 16 bits keep the high byte of every channel."""
    values = (RAMP16 * 4)[: samples * 4]
    data = factories.tiff(
        (4, 1),
        16,
        photometric,
        struct.pack(f"{order}{len(values)}H", *values),
        order=order,
        tags={277: (3, [samples]), **extra},
    )
    assert pixels(picture(data)).flatten().tolist() == [value >> 8 for value in values]


def test_separate_planes_of_a_tiff_are_put_together():
    """Planar RGB with 8 bits gives the same pixels as interleaved RGB."""
    tags = {277: (3, [3]), 284: (3, [2]), 273: (4, [8, 10, 12]), 279: (4, [2, 2, 2]), 278: (4, [1])}
    made = picture(factories.tiff((2, 1), 8, 2, bytes([1, 2, 3, 4, 5, 6]), tags=tags))
    assert pixels(made).tolist() == [[[1, 3, 5], [2, 4, 6]]]


def test_what_pillow_would_misread_is_refused():
    """Uncompressed planar TIFFs with 16 bits would come out as noise: they are `unsupported-format` with advice."""
    tags = {277: (3, [3]), 284: (3, [2]), 273: (4, [8, 12, 16]), 279: (4, [4, 4, 4]), 278: (4, [1])}
    with pytest.raises(UnsupportedFormat, match="LZW"):
        picture(factories.tiff((2, 1), 16, 2, struct.pack("<6H", *range(6)), tags=tags))


@pytest.mark.parametrize(
    ("bits", "photometric", "tags"), [(16, 8, {277: (3, [3])}), (16, 1, {277: (3, [2]), 338: (3, [2])})]
)
def test_kinds_of_tiff_that_pillow_does_not_know_are_unsupported_not_damaged(bits, photometric, tags):
    """Lab or grey with alpha in 16 bits: the file is whole, and the detail says how to save it."""
    with pytest.raises(UnsupportedFormat, match="8 bits per channel"):
        picture(factories.tiff((1, 1), bits, photometric, bytes(6), tags=tags))


def test_float_tiff_is_refused():
    """Floating-point pixels have no single way to be shown: they are rejected."""
    with pytest.raises(UnsupportedFormat, match="8 or 16 bits"):
        picture(factories.tiff((1, 1), 32, 1, bytes(4), tags={339: (3, [3])}))


def test_lab_tiff_becomes_srgb():
    """A Lab TIFF gives the sRGB of its Lab values within 2 of 255."""
    made = picture(factories.tiff((1, 1), 8, 8, bytes([128, 20, 250]), tags={277: (3, [3])}))
    # L* = 50.2, a* = 20, b* = -6 by the formulas of CIE 15 and IEC 61966-2-1, adapted to D65 by Bradford.
    assert np.abs(pixels(made)[0, 0] - (149, 107, 130)).max() <= 2


def test_palette_pictures_are_resampled_as_colours():
    """A palette picture is reduced like the same picture in RGB: no stray palette entries in between."""
    image = factories.scene(200, 150).quantize(64)
    made = picture(factories.encode(image, "PNG"), width=50, height=50)
    reference = resample(image.convert("RGB"), made.size, (0, 0, *image.size))
    assert (made.mode, difference(made, reference)) == ("RGB", 0)


@pytest.mark.parametrize("name", ["PNG", "TIFF", "BMP", "GIF"])
def test_bilevel_pictures_become_grey_when_reduced(name):
    """A reduced 1-bit drawing has grey edges and keeps its lines."""
    image = factories.scene(160, 120).convert("1")
    made = picture(factories.encode(image, name), width=40, height=40)
    assert len(set(pixels(made.convert("L")).flatten().tolist())) > 16
    assert abs(pixels(made.convert("L")).mean() - pixels(image.convert("L")).mean()) <= 3


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_with_a_transparent_value_has_an_alpha_channel(depth):
    """The transparent grey of a PNG is transparent at every bit depth, and no other grey is."""
    top = (1 << depth) - 1
    values = [0, top // 3, top] if depth > 1 else [0, 1, 0]
    made = picture(png_grey(depth, values, factories.chunk(b"tRNS", struct.pack(">H", values[1]))))
    assert [value[1] for value in pixels(made.convert("LA"))[0].tolist()] == [255, 0, 255]
    assert [found[0] for found in pixels(made.convert("LA"))[0].tolist()] == [value * 255 // top for value in values]


@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_colour_becomes_an_alpha_channel(depth):
    """The transparent colour of an RGB PNG is transparent."""
    unit = 1 if depth == 8 else 257
    letter = "B" if depth == 8 else "H"
    row = b"\x00" + struct.pack(f">6{letter}", *(unit * value for value in (10, 20, 30, 40, 50, 60)))
    key = factories.chunk(b"tRNS", struct.pack(">3H", *(unit * value for value in (10, 20, 30))))
    made = picture(factories.png(2, 1, depth, 2, row, key))
    assert pixels(made).tolist() == [[[10, 20, 30, 0], [40, 50, 60, 255]]]


def test_palette_transparency_is_kept():
    """Half-transparent palette entries become half-transparent pixels."""
    palette = factories.chunk(b"PLTE", bytes((255, 0, 0, 0, 255, 0, 0, 0, 255)))
    made = picture(factories.png(3, 1, 8, 3, bytes((0, 0, 1, 2)), palette, factories.chunk(b"tRNS", bytes((0, 128)))))
    assert pixels(made)[0].tolist() == [[255, 0, 0, 0], [0, 255, 0, 128], [0, 0, 255, 255]]


def test_premultiplied_alpha_of_tiff_is_divided_out():
    """Associated alpha (ExtraSamples 1) does not darken the picture."""
    data = factories.tiff((1, 1), 8, 2, bytes([64, 32, 16, 128]), tags={277: (3, [4]), 338: (3, [1])})
    assert np.abs(pixels(picture(data))[0, 0] - (127, 64, 32, 128)).max() <= 1


def test_opaque_alpha_is_dropped():
    """An opaque RGBA picture is encoded as RGB, which is smaller and looks the same."""
    image = factories.quarters().convert("RGBA")
    assert picture(factories.encode(image, "PNG")).mode == "RGB"


@pytest.mark.parametrize(("format_", "tolerance"), [("webp", 0), ("avif", 8), ("png", 0)])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_kept_where_the_format_can(format_, tolerance, mode):
    """WebP and PNG keep the alpha channel exactly, AVIF, which is lossy there too, within 8 of 255."""
    image = factories.scene(64, 48, mode)
    made = picture(factories.encode(image, "PNG"), format=format_, quality=100)
    assert difference(made.getchannel("A"), image.getchannel("A")) <= tolerance


def test_transparent_edges_have_no_fringes():
    """The colour of transparent pixels does not mix into the shape beside them when the picture is reduced."""
    image = Image.new("RGBA", (64, 64), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 33, 64))
    made = pixels(picture(factories.encode(image, "PNG"), width=16, height=16))
    visible = made[made[..., 3] > 16]
    assert visible[:, 0].min() >= 250
    assert visible[:, 1].max() <= 5


@pytest.mark.parametrize(("background", "expected"), [("#ffffff", (255, 127, 127)), ("#0000ff", (127, 0, 127))])
def test_alpha_is_flattened_on_the_background_where_the_format_has_none(background, expected):
    """JPEG has the configured background where the picture is transparent."""
    image = Image.new("RGBA", (16, 16), (255, 0, 0, 128))
    made = picture(factories.encode(image, "PNG"), format="jpeg", background=background, quality=95)
    assert distance(pixel(made, (8, 8)), expected) <= 4


def test_grey_with_alpha_is_flattened_too():
    """An LA picture becomes an RGB JPEG on its background."""
    image = Image.new("LA", (16, 16), (0, 0))
    made = picture(factories.encode(image, "PNG"), format="jpeg", background="#ff0000", quality=95)
    assert distance(pixel(made, (8, 8)), (254, 0, 0)) <= 3


def test_grey_stays_grey():
    """A grey picture is encoded as one channel if the format can."""
    grey = factories.encode(factories.scene(64, 48, "L"), "JPEG")
    assert picture(grey, format="jpeg").mode == "L"
    assert len(output(grey, format="png")) < len(
        output(factories.encode(factories.scene(64, 48), "JPEG"), format="png")
    )


def test_a_32_bit_bmp_without_a_mask_is_opaque():
    """The fourth byte of an ordinary 32-bit BMP is not alpha: the picture is opaque."""
    head = (
        b"BM"
        + struct.pack("<IHHI", 14 + 40 + 4, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 32, 0, 4, 0, 0, 0, 0)
    )
    made = picture(head + bytes((30, 20, 10, 0)))
    assert (made.mode, made.getpixel((0, 0))) == ("RGB", (10, 20, 30))


def test_10_bit_heic_is_scaled():
    """A 10-bit HEIC is rendered with the colours of the same picture in 8 bits, within 6 of 255."""
    image = factories.quarters()
    deep = (np.asarray(image).astype("<u2") * 257).tobytes()
    out = io.BytesIO()
    pillow_heif.encode("RGB;16", image.size, deep, out, quality=95, enc_params={"preset": "ultrafast"})
    assert difference(picture(out.getvalue()).reduce(8), image.reduce(8)) <= 6
