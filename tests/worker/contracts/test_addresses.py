from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.addresses import address

ORIGIN = "https://images.example.com"
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("web/cats/tom.jpg.webp", "web/cats/tom.jpg.webp"),
        ("web/Kätzchen + Kissen, 2.jpg.webp", "web/K%C3%A4tzchen%20%2B%20Kissen%2C%202.jpg.webp"),
        ("web/a?b#c%20.jpg.webp", "web/a%3Fb%23c%2520.jpg.webp"),
    ],
)
def test_a_key_is_encoded_once(key, path):
    """What would end the path, or an address in a `srcset`, is encoded; slashes are not."""
    assert address(ORIGIN, key, "0f") == f"{ORIGIN}/{path}?v=0f"


def test_without_a_version_the_address_is_that_of_the_present_one():
    """There is no empty `v`, which would be a version."""
    assert address(ORIGIN, "web/a.webp", None) == f"{ORIGIN}/web/a.webp"


@given(KEYS, st.text("0123456789abcdef", min_size=1))
def test_every_key_comes_back_from_its_address(key, version):
    """A server that decodes the path has the key, whatever is in it, and the query is the version alone."""
    parts = urlsplit(address(ORIGIN, key, version))
    assert unquote(parts.path) == f"/{key}"
    assert parse_qs(parts.query) == {"v": [version]}
    assert not set(" ,\"'<>") & set(parts.path)
