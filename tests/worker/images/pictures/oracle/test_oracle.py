"""What headless Chromium shows of a file, the worker's renditions show; `make oracle` judges thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worker.images.pictures import factories
from tests.worker.images.pictures.oracle import comparing
from tests.worker.images.pictures.oracle.__main__ import judged_by_kind
from tests.worker.images.pictures.oracle.drawing.drawn import Drawn
from tests.worker.images.pictures.oracle.explained import EXPLANATIONS, KNOWN
from tests.worker.images.pictures.oracle.judge import Judge
from tests.worker.images.pictures.oracle.runs import STRATEGIES
from worker.contracts.recipes.specs import FORMATS

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


@pytest.mark.parametrize("because", [*KNOWN, *(each.because for each in EXPLANATIONS)])
def test_what_is_different_on_purpose_is_documented(because):
    """The oracle knows no excuse that the page does not have."""
    assert because in PAGE


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("moves", [False, True])
def test_wrong_colours_in_any_rendition_are_seen(judge, monkeypatch, name, moves):
    """A rendition of other colours is a difference in every format, still or animated."""
    right, wrong = (_file(colours, moves=moves) for colours in (("red", "lime"), ("red", "blue")))
    if not moves or name in ("png", "jpeg"):
        wrong = _file(("blue", "lime"), moves=moves)
    made, other = comparing._rendered(right), comparing._rendered(wrong)
    assert isinstance(made, dict)
    assert isinstance(other, dict)
    assert not [verdict.differences for verdict in comparing.judged(judge, [right]) if verdict.differences]
    monkeypatch.setattr(comparing, "_rendered", lambda _: made | {name: other[name]})
    [verdict] = comparing.judged(judge, [right])
    assert [found for found in verdict.unexplained if found.startswith(f"{name}: colours")]


def _file(colours, *, moves):
    data = factories.film("GIF", colours if moves else colours[:1])
    return Drawn("GIF", "image/gif", data, frozenset())
