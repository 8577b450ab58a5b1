from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker.images.pictures import factories
from worker.images.containers import av1, obu


def _unit(kind: int, body: bytes) -> bytes:
    return bytes((kind << 3 | 2, len(body))) + body


def _sequence_bits(*fields: tuple[int, int]) -> bytes:
    """Return fields, each a value and its number of bits, as bytes."""
    bits = "".join(format(value, f"0{count}b") for value, count in fields)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


SIZE = ((9, 4), (9, 4), (639, 10), (479, 10))
REDUCED = ((1, 3), (1, 1), (1, 1), (0, 5), *SIZE)
FULL = ((0, 3), (0, 1), (0, 1), (0, 1), (0, 1), (0, 5), (0, 12), (9, 5), (1, 1), *SIZE)
TIMED = (
    *((0, 3), (0, 1), (0, 1), (1, 1), (0, 64), (1, 1), (0b00101, 5), (1, 1), (4, 5), (0, 42)),
    *((1, 1), (0, 5), (0, 12), (1, 5), (1, 1), (0, 11), (1, 1), (0, 4), *SIZE),
)

WHOLE = _sequence_bits(*FULL, (0, 24))

TOOLS = st.sampled_from((0, 1))


@st.composite
def _tails(draw, *, reduced):
    """Draw what stands between the frame's size and the bit that says whether the picture is grey."""
    fields = []
    if not reduced:
        identified = draw(TOOLS)
        fields += [(identified, 1)] + [(draw(st.integers(0, 127)), 7)] * identified
    fields += [(draw(TOOLS), 1)] * 3
    if not reduced:
        ordered, choose, forced, choose_vectors = (draw(TOOLS) for _ in range(4))
        fields += [(draw(TOOLS), 1)] * 4 + [(ordered, 1)] + [(draw(TOOLS), 1)] * 2 * ordered
        fields += [(choose, 1)] + [(forced, 1)] * (not choose)
        if choose or forced:
            fields += [(choose_vectors, 1)] + [(draw(TOOLS), 1)] * (not choose_vectors)
        fields += [(draw(st.integers(0, 7)), 3)] * ordered
    return [*fields, *[(draw(TOOLS), 1)] * 3]


@pytest.mark.parametrize("start", [REDUCED, FULL, TIMED], ids=["reduced", "full", "timed"])
@given(data=st.data(), profile=st.integers(0, 2), deep=TOOLS, twelve=TOOLS, grey=TOOLS)
def test_av1_sequence_headers_are_read_in_all_their_forms(start, data, profile, deep, twelve, grey):
    """With and without timing, delays, tiers and tools, the size and the bit for grey are found (AV1, 5.5.1 and 5.5.2)."""
    tail = data.draw(_tails(reduced=start is REDUCED))
    colour = [(deep, 1)] + [(twelve, 1)] * (profile == 2 and deep) + [(grey, 1)] * (profile != 1)
    header = _sequence_bits((profile, 3), *start[1:], *tail, *colour)
    found = obu.read_sequence(memoryview(header))
    assert found == obu.Sequence(profile, 640, 480, grey=bool(grey and profile != 1))


def test_a_sequence_header_that_ends_too_early_is_an_error():
    """Missing bits are an error and not zeros."""
    with pytest.raises(IndexError):
        obu.read_sequence(memoryview(WHOLE[:4]))


def test_units_are_walked_with_and_without_sizes():
    """A unit may have an extension, a size of several bytes, or none and reach to the end."""
    stream = _unit(2, b"") + bytes((1 << 3 | 6, 0, 0x81, 0x01)) + bytes(129) + bytes((6 << 3,)) + b"abc"
    assert [(kind, stop - start) for kind, start, stop in obu.units(memoryview(stream))] == [(2, 0), (1, 129), (6, 3)]


def test_a_size_ends_at_its_eighth_byte():
    """A size in which every byte has the continuation bit ends at the eighth byte."""
    assert len(list(obu.units(memoryview(b"\x0a" + b"\xff" * 8 + b"\x00")))) == 1


def _avif(items: bytes, locations: bytes) -> bytes:
    meta = bytes(4) + factories.box(b"iinf", items) + factories.box(b"iloc", locations)
    return factories.box(b"meta", meta) + bytes(4_000)


ITEM = struct.pack(">IH", 0, 1) + factories.box(b"infe", struct.pack(">IHH", 2 << 24, 1, 0) + b"av01\x00")


@pytest.mark.parametrize(
    "locations",
    [
        struct.pack(">IHHHHH", 0, 0x0000, 1, 1, 0, 60_000),
        struct.pack(">IHHHHH", 0, 0x4400, 1, 1, 0, 20) + struct.pack(">II", 0, 4_000) * 20,
        struct.pack(">IHHHHH", 0, 0x4400, 9, 1, 0, 1),
    ],
    ids=["placeless", "overlapping", "short"],
)
def test_tables_that_state_more_than_the_file_has_are_an_error(locations):
    """Extents without an offset, extents that overlap twenty times and short tables are errors: none costs more than a few files."""
    with pytest.raises(IndexError):
        av1.sequences(_avif(ITEM, locations))


def test_items_may_share_their_bytes():
    """The cells of a grid that look the same are stored once (ISO/IEC 14496-12, 8.11.3): read once, they are no damage."""
    header = _unit(1, WHOLE) + bytes(4_000)
    infos = struct.pack(">IH", 0, 9) + b"".join(
        factories.box(b"infe", struct.pack(">IHH", 2 << 24, item, 0) + b"av01\x00") for item in range(1, 10)
    )
    extent = len(_avif(infos, bytes(8 + 9 * 14)))
    items = b"".join(struct.pack(">HHHII", item, 0, 1, extent, len(header)) for item in range(1, 10))
    found = av1.sequences(_avif(infos, struct.pack(">IHH", 0, 0x4400, 9) + items) + header)
    assert [(one.width, one.height) for one in found] == [(640, 480)]


def test_an_item_in_pieces_is_joined():
    """A sequence header in two extents is found."""
    header = _unit(1, WHOLE)
    place = len(_avif(ITEM, bytes(14 + 16)))
    locations = struct.pack(">IHHHHH", 0, 0x4400, 1, 1, 0, 2) + struct.pack(
        ">IIII", place, 5, place + 5, len(header) - 5
    )
    found = av1.sequences(_avif(ITEM, locations) + header)
    assert [(one.width, one.height) for one in found] == [(640, 480)]


def test_endless_units_and_chunks_are_an_error(monkeypatch):
    """A stream of empty units and a track of countless chunks are errors."""
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
