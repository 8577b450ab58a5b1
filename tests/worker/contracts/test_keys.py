from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.errors import KeyTooLong
from worker.contracts.keys import MAX_KEY_BYTES, listed_keys, listing, manifest_key, rendition_key
from worker.contracts.recipes.specs import RenditionSpec

SPECS = (RenditionSpec("thumbnail", 16, 16), RenditionSpec("web", 32, 32, format="png"))
KEYS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda key: len(key.encode()) <= 1024
)


def outputs_of(key: str) -> list[str]:
    """Return the keys of everything that may be made of a source."""
    return [*(rendition_key(spec, key) for spec in SPECS), manifest_key(key)]


@pytest.mark.parametrize("letter", ["a", "ä", "界", "🙂"])
def test_the_limit_counts_bytes(letter):
    """S3 counts the bytes of a key's UTF-8; the last key that fits is taken, one byte more is rejected by name."""
    room = MAX_KEY_BYTES - len("thumbnail/.webp")
    size = len(letter.encode())
    fits = letter * (room // size) + "a" * (room % size)
    assert len(rendition_key(SPECS[0], fits).encode()) == MAX_KEY_BYTES
    with pytest.raises(KeyTooLong, match="1 bytes over"):
        rendition_key(SPECS[0], fits + "a")


@given(KEYS, KEYS)
def test_no_two_sources_share_an_output(first, second):
    """Whatever the keys, the outputs of one never are those of another."""
    try:
        ours, theirs = outputs_of(first), outputs_of(second)
    except KeyTooLong:
        return
    assert first == second or not {*ours} & {*theirs}


@given(KEYS)
def test_a_listing_names_the_renditions_of_any_key(key):
    """What a manifest's metadata lists leads back to the very same keys, and is plain ASCII whatever the source key is."""
    try:
        keys = outputs_of(key)[:-1]
    except KeyTooLong:
        return
    assert listing(keys, key) == "thumbnail.webp web.png"
    assert listed_keys(listing(keys, key), key) == keys


def test_a_listing_of_nothing_is_nothing():
    """A manifest without renditions lists none."""
    assert (listing([], "a"), listed_keys("", "a")) == ("", [])
