from __future__ import annotations

import pytest

from ops.health.currency import Currency


@pytest.mark.parametrize(
    ("generation", "pictures", "to_go", "line"),
    [
        (1, None, 0, None),
        (4, None, 0, "recipes             generation 4, not backfilled from here: backfill --outdated --dry-run"),
        (4, 2000, 500, "recipes             generation 4, 75.0 % of 2,000 pictures current"),
        (4, 1_000_000, 1, "recipes             generation 4, 99.9 % of 1,000,000 pictures current"),
        (4, 3, 3, "recipes             generation 4, 0.0 % of 3 pictures current"),
        (4, 2000, 0, "recipes             generation 4, all of 2,000 pictures current"),
        (4, 0, 0, "recipes             generation 4, all of 0 pictures current"),
    ],
)
def test_the_share_is_shown_and_that_all_are_current(generation, pictures, to_go, line):
    """Rounded down, so that 100 % never says too much; recipes that never changed have nothing to show."""
    shown = Currency(generation, pictures, to_go, "backfill --outdated --dry-run")
    assert shown.lines() == ([] if line is None else [line])
    assert shown.to_json() == {"generation": generation, "pictures": pictures, "to_go": to_go}
