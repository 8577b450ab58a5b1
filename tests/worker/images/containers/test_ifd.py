from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from worker.images.containers.ifd import Entry, read_directory, write_directory

TAGS = st.integers(1, 65_535)
VALUES = st.lists(st.integers(0, 65_535), min_size=1, max_size=12)


@given(st.dictionaries(TAGS, VALUES, max_size=8), st.sampled_from("<>"), st.booleans())
def test_what_is_written_is_read(tags, order, big):
    """A directory that is written and read is the same, in both byte orders and as BigTIFF."""
    entries = {tag: Entry(3, len(v), struct.pack(f"{order}{len(v)}H", *v), order) for tag, v in tags.items()}
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}H", 43 if big else 42)
    head += struct.pack(f"{order}HHQ", 8, 0, 16) if big else struct.pack(f"{order}I", 8)
    directory = read_directory(head + write_directory(entries, order=order, big=big, base=len(head)), range(65_536))
    assert (directory.broken, directory.lost) == (False, frozenset())
    assert {tag: list(directory.integers(tag)) for tag in directory.entries} == tags


@given(st.sampled_from((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")), st.binary(max_size=200))
def test_any_bytes_can_be_read(beginning, noise):
    """The reader raises for no input: values out of bounds are missing."""
    directory = read_directory(beginning + noise, range(65_536))
    assert all(isinstance(directory.integers(tag), tuple) for tag in directory.entries)


def test_a_value_beyond_the_end_is_lost():
    """A tag whose value lies outside the file is listed as lost."""
    data = b"II*\x00" + struct.pack("<IHHHII", 8, 1, 270, 2, 50, 9_999) + bytes(4)
    directory = read_directory(data, {270})
    assert not directory.entries
    assert directory.lost == {270}
    assert not directory.broken


def test_a_table_beyond_the_end_is_broken():
    """A directory that states more tags than there are bytes is broken."""
    assert read_directory(b"II*\x00" + struct.pack("<IH", 8, 7), {270}).broken
    assert read_directory(b"II*\x00", {270}).broken


def test_text_has_no_integers():
    """A tag of the wrong type reads as the default."""
    entries = {274: Entry(2, 3, b"six", "<")}
    directory = read_directory(b"II*\x00\x08\x00\x00\x00" + write_directory(entries, base=8), {274})
    assert (directory.integer(274, 1), directory.text(274)) == (1, b"six")
