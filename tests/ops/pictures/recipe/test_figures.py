from __future__ import annotations

import pytest

from ops.pictures.recipe.figures import figures_of
from tests.ops.pictures.recipe.plans import BETTER, SMALL, WEB, change, side, trial


def test_means_are_weighted_by_the_pictures_that_each_stands_for(tmp_path):
    """One of 10 bytes, and one of 30 that stands for three: 25 on average; likeness leaves out what could not be compared."""
    of = change((WEB, SMALL), (BETTER,))
    ten, thirty = (side(tmp_path / str(size), WEB, b"x" * size, size / 100) for size in (10, 30))
    better = side(tmp_path / "b", BETTER, b"x" * 50, None)
    found = figures_of([trial(of, (ten,), (better,)), trial(of, (thirty,), (better,), weight=3)])
    assert [figures.name for figures in found] == ["web"]
    assert found[0].before is not None
    assert found[0].before.bytes == 25
    assert found[0].before.likeness == pytest.approx(0.25)
    assert found[0].row() == ("  web", "2", "25", "50 (+100%)", "0.2500", "-")
    assert found[0].to_json()["after"] == {"bytes": 50, "likeness": None}
