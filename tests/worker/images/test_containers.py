from __future__ import annotations

import random
import struct

import pytest
from PIL import Image

from bench.bombs import jpeg_segments, lying_avif, png_pieces, png_with, tags, webp_chunks
from tests import factories, profiles
from tests.worker.images.rendering import difference, frames, output, picture, pixel, rendered
from worker.errors import CorruptImage, TooLarge, Truncated, UnsupportedFormat
from worker.images import encoding
from worker.images.containers import av1, gif, jpeg, obu, png, read_header
from worker.images.containers.boxes import boxes
from worker.images.containers.webp import mark_alpha

JPEG = factories.encode(factories.scene(64, 48), "JPEG")
PNG = factories.encode(factories.scene(64, 48), "PNG")
FRAME = JPEG.index(b"\xff\xc0")


# JPEG -----------------------------------------------------------------------------------------------------------------


def test_what_a_camera_appends_to_a_jpeg_is_not_looked_at():
    """A motion photo's film, in which marker bytes occur by chance, neither counts as scans nor reaches the decoder."""
    film = random.Random(1).randbytes(1 << 18) + b"\xff\xda" * (jpeg.MAX_SCANS + 1)
    assert difference(picture(JPEG + film), picture(JPEG)) == 0
    assert len(read_header(JPEG + film).payload) <= len(JPEG)


def test_the_end_of_an_appended_picture_does_not_hide_a_truncation():
    """The end mark of a preview in EXIF is not taken for the photo's own."""
    preview = factories.exif() + b"\x00" + factories.encode(factories.quarters(), "JPEG")
    data = factories.encode(factories.scene(64, 48), "JPEG", exif=preview)
    assert data.count(b"\xff\xd9") == 2
    with pytest.raises(Truncated):
        rendered(data[:-20])


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC7, 0xCB, 0xCF])
def test_rare_kinds_of_jpeg_are_unsupported(marker):
    """Lossless and hierarchical JPEGs are named as what no browser shows."""
    with pytest.raises(UnsupportedFormat, match="browsers cannot show"):
        rendered(JPEG.replace(b"\xff\xc0", bytes((0xFF, marker))))


@pytest.mark.parametrize(("at", "value"), [(4, 12), (9, 2)])
def test_jpegs_of_12_bits_or_two_channels_are_unsupported(at, value):
    """Precision and channels that nothing shows are named too."""
    with pytest.raises(UnsupportedFormat):
        rendered(JPEG[: FRAME + at] + bytes((value,)) + JPEG[FRAME + at + 1 :])


def test_a_jpeg_with_two_frames_is_corrupt():
    """Two frame headers contradict each other: the memory of one would be judged and the other decoded."""
    with pytest.raises(CorruptImage, match="two frame headers"):
        rendered(JPEG[:FRAME] + factories.jpeg_header(9, 9)[2:21] + JPEG[FRAME:])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.jpeg_header(0, 9), "no size"),
        (factories.jpeg_header(9, 0), "no size"),
        (JPEG.replace(JPEG[FRAME : FRAME + 19], b""), "no frame header"),
    ],
)
def test_a_jpeg_without_a_size_is_corrupt(data, said):
    """Neither a size of zero nor none at all is decoded."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_jpeg_of_endless_scans_is_refused():
    """A progressive JPEG that would cost hours, a pass over the picture for each of its scans, is not begun."""
    data = factories.jpeg_header(9, 9, progressive=True)
    scan = data[data.index(b"\xff\xda") : -2]
    with pytest.raises(CorruptImage, match="scans"):
        rendered(data[:-2] + scan * jpeg.MAX_SCANS + b"\xff\xd9")


def test_tables_between_scans_are_skipped():
    """A table whose bytes look like an end mark does not end the picture."""
    data = factories.encode(factories.scene(64, 48), "JPEG", progressive=True)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    comment = b"\xff\xfe\x00\x04\xff\xd9"
    assert difference(picture(data[:second] + comment + data[second:]), picture(data)) == 0


# PNG ------------------------------------------------------------------------------------------------------------------


def test_a_png_with_a_wrong_checksum_is_corrupt():
    """A flipped bit in the pixels is found by the checksum, before it is decoded to noise."""
    at = PNG.index(b"IDAT") + 30
    with pytest.raises(CorruptImage, match="checksum"):
        rendered(PNG[:at] + bytes((PNG[at] ^ 1,)) + PNG[at + 1 :])


def test_a_wrong_checksum_of_what_is_dropped_does_not_matter():
    """Damaged texts are dropped like sound ones."""
    text = bytearray(factories.chunk(b"tEXt", b"Comment\x00hello"))
    text[-1] ^= 1
    at = PNG.index(b"IDAT") - 4
    assert difference(picture(PNG[:at] + bytes(text) + PNG[at:]), picture(PNG)) == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.png(0, 9, 8, 2, b""), "no size"),
        (factories.png(9, 9, 8, 5, b""), "header is damaged"),
        (b"\x89PNG\r\n\x1a\n" + factories.chunk(b"IEND", b""), "header is damaged"),
    ],
)
def test_a_png_without_a_sound_header_is_corrupt(data, said):
    """No size, an unknown kind of colour, no header at all."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_png_whose_animation_does_not_add_up_is_a_still_picture():
    """Where acTL and the frames contradict each other the picture is shown without its animation, as browsers do."""
    film = factories.film("PNG")
    control = film.index(b"acTL")
    lying = film[: control - 4] + factories.chunk(b"acTL", struct.pack(">II", 7, 0)) + film[control + 16 :]
    assert read_header(film).frames == 3
    assert read_header(lying).frames == 1
    assert difference(picture(lying), picture(film)) == 0


def test_a_bomb_in_a_profile_is_ignored_with_a_note():
    """A bomb in iCCP is not inflated beyond what a profile may have; the picture is rendered."""
    assert rendered(png_with(b"iCCP", b"icc\x00\x00", 32)).notes == (
        "colour profile ignored: larger than any real one",
    )


@pytest.mark.parametrize(("name", "prefix"), [(b"zTXt", b"t\x00\x00"), (b"iTXt", b"t\x00\x01\x00\x00\x00")])
def test_a_bomb_in_a_text_is_never_opened(name, prefix):
    """Texts are dropped unread, however large they would become."""
    assert rendered(png_with(name, prefix, 32)).renditions[0].width == 64


def test_a_damaged_profile_of_a_png_is_ignored_with_a_note():
    """A profile that does not inflate is a broken profile."""
    profile = factories.chunk(b"iCCP", b"icc\x00\x00" + b"no zlib stream")
    at = PNG.index(b"IDAT") - 4
    assert len(rendered(PNG[:at] + profile + PNG[at:]).notes) == 1


@pytest.mark.parametrize("data", [png_pieces(png.MAX_CHUNKS), jpeg_segments(jpeg.MAX_SEGMENTS)], ids=["png", "jpeg"])
def test_a_file_of_countless_pieces_is_refused(data):
    """What to remember of each piece would take many times the file's own bytes."""
    with pytest.raises(CorruptImage):
        rendered(data)


@pytest.mark.parametrize("data", [webp_chunks(20_000), tags(20_000)], ids=["webp", "tiff"])
def test_what_is_not_read_is_not_remembered(data):
    """Unknown chunks and tags are passed over, however many and however large they claim to be."""
    assert rendered(data).renditions[0].width in (8, 64)


# GIF ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.gif((4, 4), []), "no picture"),
        (factories.gif((4, 4), [], b"\x00\x00"), "damaged"),
        (factories.gif((4, 4), [], factories.gif_frame((0, 0, 4, 0), 0)), "without a size"),
    ],
)
def test_a_gif_without_a_picture_is_corrupt(data, said):
    """No frame, a block that no GIF has, a frame of no pixels."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_gif_of_countless_frames_is_refused():
    """More frames than a quarter of an hour has are too many even to list."""
    frame = factories.gif_frame((0, 0, 1, 1), 0)
    with pytest.raises(TooLarge, match="frames"):
        rendered(factories.gif((1, 1), [], frame * (gif.MAX_FRAMES + 1)))


def test_a_first_frame_that_sticks_out_makes_the_canvas_larger():
    """As browsers do: a screen that was stated too small does not cut the picture."""
    data = factories.gif((1, 1), [(0, 0, 0), (255, 0, 0)], factories.gif_frame((0, 0, 5, 4), 1))
    assert rendered(data).source.width == 5
    assert pixel(picture(data).convert("RGB"), (4, 3)) == (255, 0, 0)


def test_a_palette_of_a_frame_s_own_is_used():
    """A frame with a local palette has its colours, one without the global ones."""
    data = factories.encode(
        Image.new("RGB", (8, 8), "red"), "GIF", save_all=True, append_images=[Image.new("RGB", (8, 8), "lime")]
    )
    shown = [pixel(frame) for frame, _ in frames(output(data, animated=True))]
    assert shown == [(255, 0, 0, 255), (0, 255, 0, 255)]


def test_interlaced_gifs_are_put_in_order():
    """The rows of an interlaced GIF come in four passes."""
    image = factories.scene(40, 30).quantize(64)
    data = factories.encode(image, "GIF", interlace=1)
    assert difference(picture(data), image.convert("RGB")) == 0


# WebP -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.riff((b"VP8X", bytes(10))), "no picture"),
        (factories.riff((b"VP8 ", bytes(10))), "no picture"),
        (factories.riff((b"VP8X", b"\x02" + bytes(9)), (b"ANMF", bytes(3))), "without a header"),
    ],
)
def test_a_webp_without_a_picture_is_corrupt(data, said):
    """Neither an empty container, nor a picture without a size, nor a frame without a header is decoded."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_webp_that_contradicts_itself_is_corrupt():
    """A canvas of another size than the picture on it is not trusted."""
    data = factories.encode(factories.quarters(), "WEBP", lossless=True)
    with pytest.raises(CorruptImage):
        rendered(factories.riff((b"VP8X", bytes(4) + b"\x07\x00\x00\x07\x00\x00"), (b"VP8L", data[20:])))


def test_a_still_webp_has_no_alpha_flag_to_set():
    """Only extended WebP files have flags."""
    plain = factories.encode(factories.quarters(), "WEBP")
    assert plain[12:16] == b"VP8 "
    assert mark_alpha(plain) == plain


# AVIF and HEIC --------------------------------------------------------------------------------------------------------


def test_an_avif_that_lies_about_its_size_is_corrupt():
    """Boxes that state 64 x 64 over a stream of a million pixels: what is judged must be what is decoded."""
    with pytest.raises(CorruptImage, match="contradicts itself"):
        rendered(lying_avif(1_000))


@pytest.mark.parametrize("name", ["AVIF", "HEIF"])
def test_a_box_beyond_the_end_is_a_truncation(name):
    """A box that reaches beyond the file was cut."""
    data = factories.encode(factories.quarters(), name)
    with pytest.raises(Truncated):
        rendered(data + struct.pack(">I4s", 100, b"free"))


def test_wide_boxes_and_the_last_box_are_measured():
    """A size of 1 means that 64 bits follow, a size of 0 that the box reaches to the end."""
    data = struct.pack(">I4sQ", 1, b"wide", 20) + b"abcd" + struct.pack(">I4s", 0, b"last") + b"xy"
    assert list(boxes(data, 0, len(data))) == [(b"wide", 16, 20), (b"last", 28, 30)]


def _unit(kind: int, body: bytes) -> bytes:
    return bytes((kind << 3 | 2, len(body))) + body


def _sequence_bits(*fields: tuple[int, int]) -> bytes:
    """Return fields, each a value and its number of bits, as bytes."""
    bits = "".join(format(value, f"0{count}b") for value, count in fields)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


SIZE = ((9, 4), (9, 4), (639, 10), (479, 10))
REDUCED = _sequence_bits((1, 3), (1, 1), (1, 1), (0, 5), *SIZE)
FULL = _sequence_bits((0, 3), (0, 1), (0, 1), (0, 1), (0, 1), (0, 5), (0, 12), (9, 5), (1, 1), *SIZE)
TIMED = _sequence_bits(
    *((0, 3), (0, 1), (0, 1), (1, 1), (0, 64), (1, 1), (0b00101, 5), (1, 1), (4, 5), (0, 42)),
    *((1, 1), (0, 5), (0, 12), (1, 5), (1, 1), (0, 11), (1, 1), (0, 4), *SIZE),
)


@pytest.mark.parametrize("header", [REDUCED, FULL, TIMED], ids=["reduced", "full", "timed"])
def test_av1_sequence_headers_are_read_in_all_their_forms(header):
    """With and without timing, delays and tiers, the frame's size is found where the specification puts it."""
    found = obu.read_sequence(memoryview(header))
    assert (found.width, found.height) == (640, 480)


def test_a_sequence_header_that_ends_too_early_is_an_error():
    """Bits that are not there are not taken for zeros."""
    with pytest.raises(IndexError):
        obu.read_sequence(memoryview(FULL[:4]))


def test_units_are_walked_with_and_without_sizes():
    """A unit may have an extension, a size of several bytes, or none and reach to the end."""
    stream = _unit(2, b"") + bytes((1 << 3 | 6, 0, 0x81, 0x01)) + bytes(129) + bytes((6 << 3,)) + b"abc"
    assert [(kind, stop - start) for kind, start, stop in obu.units(memoryview(stream))] == [(2, 0), (1, 129), (6, 3)]


def test_a_size_without_an_end_is_eight_bytes_long():
    """A size whose bytes all say that another follows stops at the eighth."""
    assert len(list(obu.units(memoryview(b"\x0a" + b"\xff" * 8 + b"\x00")))) == 1


def _avif(items: bytes, locations: bytes) -> bytes:
    meta = bytes(4) + factories.box(b"iinf", items) + factories.box(b"iloc", locations)
    return factories.box(b"meta", meta) + bytes(4_000)


ITEM = struct.pack(">IH", 0, 1) + factories.box(b"infe", struct.pack(">IHH", 2 << 24, 1, 0) + b"av01\x00")


@pytest.mark.parametrize(
    "locations",
    [
        struct.pack(">IHHHHH", 0, 0x0000, 1, 1, 0, 60_000),
        struct.pack(">IHHHHH", 0, 0x4400, 1, 1, 0, 3) + struct.pack(">II", 0, 4_000) * 3,
        struct.pack(">IHHHHH", 0, 0x4400, 9, 1, 0, 1),
    ],
    ids=["placeless", "overlapping", "short"],
)
def test_tables_that_claim_more_than_the_file_has_are_an_error(locations):
    """Extents without a place, extents over each other, tables that end too early: none costs more than the file."""
    with pytest.raises(IndexError):
        av1.sequences(_avif(ITEM, locations))


def test_an_item_in_pieces_is_joined():
    """A sequence header that is cut in two extents is found."""
    header = _unit(1, FULL)
    place = len(_avif(ITEM, bytes(14 + 16)))
    locations = struct.pack(">IHHHHH", 0, 0x4400, 1, 1, 0, 2) + struct.pack(
        ">IIII", place, 5, place + 5, len(header) - 5
    )
    found = av1.sequences(_avif(ITEM, locations) + header)
    assert [(one.width, one.height) for one in found] == [(640, 480)]


def test_endless_units_and_chunks_are_an_error(monkeypatch):
    """A stream of nothing but empty units, and a film of nothing but chunks, are given up on."""
    monkeypatch.setattr(av1, "MAX_UNITS", 1_000)
    place = struct.pack(">IHHHHH", 0, 0x4400, 1, 1, 0, 1) + struct.pack(">II", 200, 3_000)
    endless = bytearray(_avif(ITEM, place))
    endless[200:] = b"\x12\x00" * ((len(endless) - 200) // 2)
    with pytest.raises(IndexError, match="units"):
        av1.sequences(bytes(endless))
    table = factories.box(b"stco", struct.pack(">II", 0, av1.MAX_CHUNKS + 1))
    for name in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        table = factories.box(name, table)
    with pytest.raises(IndexError, match="chunks"):
        av1.sequences(table)


# TIFF and BMP ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.tiff((0, 9), 8, 1, bytes(9)), "no size"),
        (factories.tiff((9, 9), 8, 1, bytes(81), tags={273: (3, [])}), "no picture"),
    ],
)
def test_a_tiff_without_a_picture_is_corrupt(data, said):
    """No size, or no place where the pixels are."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_tiff_compressed_in_an_unknown_way_is_unsupported():
    """The detail names two ways that are known."""
    with pytest.raises(UnsupportedFormat, match="LZW or ZIP"):
        rendered(factories.tiff((9, 9), 8, 1, bytes(81), tags={259: (3, [34_712])}))


def test_only_the_first_page_of_a_tiff_is_rendered():
    """Later pages are not passed on to the decoder."""
    first, second = factories.quarters(), Image.new("RGB", (500, 500), "red")
    data = factories.encode(first, "TIFF", save_all=True, append_images=[second])
    assert difference(picture(data), first) == 0


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits", None])
def test_every_compression_of_tiff_gives_the_same_pixels(compression):
    """LZW, ZIP, PackBits and none at all are lossless."""
    options = {"compression": compression} if compression else {}
    image = factories.scene(64, 48)
    assert difference(picture(factories.encode(image, "TIFF", **options)), image) == 0


def bmp(width: int, height: int, bits: int, compression: int, rows: bytes) -> bytes:
    """Return a BMP with a grey palette where it has one."""
    palette = b"".join(bytes((value, value, value, 0)) for value in range(256)) if bits == 8 else b""
    offset = 54 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + palette + rows


def test_a_bmp_may_stand_on_its_head_or_be_run_lengths():
    """Top-down rows, bottom-up rows and run lengths give the same picture."""
    top = picture(bmp(4, -2, 8, 0, bytes((1, 2, 3, 4, 5, 6, 7, 8))))
    bottom = picture(bmp(4, 2, 8, 0, bytes((5, 6, 7, 8, 1, 2, 3, 4))))
    runs = picture(bmp(4, 2, 8, 1, b"\x00\x04\x05\x06\x07\x08\x00\x00\x00\x04\x01\x02\x03\x04\x00\x01"))
    assert difference(top.convert("L"), bottom.convert("L")) == 0
    assert difference(top.convert("L"), runs.convert("L")) == 0


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (bmp(0, 1, 8, 0, bytes(4)), CorruptImage),
        (bmp(1, 1, 7, 0, bytes(4)), CorruptImage),
        (bmp(1, 1, 24, 4, bytes(4)), UnsupportedFormat),
        (bmp(4, 4, 8, 1, b"\x04\x00"), Truncated),
        (bmp(4, 4, 24, 0, bytes(12)), Truncated),
    ],
)
def test_bmps_that_are_none_are_rejected(data, error):
    """No size, an impossible depth, a JPEG inside, runs without an end, rows that are not there."""
    with pytest.raises(error):
        rendered(data)


def test_an_os2_bmp_is_rendered():
    """The oldest header, of twelve bytes, is read too."""
    head = b"BM" + struct.pack("<IHHI", 30, 0, 0, 26) + struct.pack("<IHHHH", 12, 1, 1, 1, 24)
    assert pixel(picture(head + bytes((30, 20, 10, 0)))) == (10, 20, 30)


def test_a_format_that_cannot_hold_a_rendition_is_too_large(monkeypatch):
    """An encoder that gives up on a very large rendition is a `too-large` that says what to change."""

    def give_up(*_args: object) -> bytes:
        raise ValueError("encoding error 6")

    monkeypatch.setattr(encoding, "_save", give_up)
    with pytest.raises(TooLarge, match="smaller size or another format"):
        rendered(PNG, format="webp")


def test_a_profile_in_a_webp_or_tiff_is_read_up_to_its_limit():
    """A profile of tens of megabytes costs a few of them, and a note."""
    profile = profiles.rgb_profile("p3") + bytes(12_000_000)
    for name in ("WEBP", "TIFF", "JPEG"):
        data = factories.encode(factories.quarters(), name, icc_profile=profile)
        assert len(read_header(data).icc or b"") <= 4 * 1024 * 1024 + 1
        assert len(rendered(data).notes) == 1
