"""What headless Chromium shows of a file, the worker's renditions show; `make oracle` judges thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worker.images.pictures.oracle.__main__ import judged_by_kind
from tests.worker.images.pictures.oracle.explained import EXPLANATIONS
from tests.worker.images.pictures.oracle.judge import Judge
from tests.worker.images.pictures.oracle.runs import STRATEGIES

SEED, FILES = 1, 15
PAGE = " ".join((Path(__file__).parents[5] / "docs" / "images.md").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def judge():
    """Return the browser, one for all kinds."""
    with Judge() as judge:
        yield judge


@pytest.mark.parametrize("kind", STRATEGIES)
def test_the_renditions_show_what_chromium_shows_of_the_file(judge, kind):
    """Every frame pixel by pixel, durations and plays exactly, but for what docs/images.md says."""
    tally = judged_by_kind(judge, kind, SEED, FILES)
    assert tally.tried == FILES
    assert not tally.sorts, f"seed {SEED}: {tally.sorts}"


@pytest.mark.parametrize("because", [each.because for each in EXPLANATIONS])
def test_what_is_different_on_purpose_is_documented(because):
    """The oracle knows no excuse that the page does not have."""
    assert because in PAGE
