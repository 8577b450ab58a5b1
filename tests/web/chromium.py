"""Debian's Chromium, headless, which finds no host but this computer."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import sync_playwright

from tests.local.processes.programs import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

_OPTIONS: Final = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost",)

LOOKS: Final = pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1600),
        ("dark", 360),
        pytest.param("light", 360, marks=pytest.mark.soak),
        pytest.param("dark", 1600, marks=pytest.mark.soak),
    ],
)
"""Of a page: on a desk and in a hand, by day and by night."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser; where it is missing, the test is skipped, but fails in CI."""
    if not runs("chromium"):
        assert not os.environ.get("CI"), "Chromium is missing: .ci/run installs it"
        pytest.skip("Chromium is missing; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*_OPTIONS])
        yield browser
        browser.close()
