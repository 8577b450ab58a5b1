"""Chromium without a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.chromium import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run it for the tests of a module."""
    with chromium() as launched:
        yield launched
