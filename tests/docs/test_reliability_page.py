"""docs/reliability.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def test_the_page_names_tests():
    """A promise that nothing shows would be a hope."""
    assert len(NAMED) > 10


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[f"{path}::{name}" for path, name in NAMED])
def test_every_test_that_the_page_names_exists(path, name):
    """Function or class, in the module that the page says."""
    assert re.search(rf"^(def|class) {name}\b", (ROOT / path).read_text(), re.MULTILINE)
