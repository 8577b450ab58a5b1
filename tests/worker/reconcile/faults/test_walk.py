from __future__ import annotations

import pytest

from tests.worker.reconcile.faults.mutations import MUTATIONS
from tests.worker.reconcile.faults.promises import CROPS
from tests.worker.reconcile.faults.walk import walk
from tests.worker.reconcile.faults.world import World

WALKS = 500
"""Of each kind; `make model` walks further."""
ENOUGH = 6000
"""Walks within which every mutation breaks a promise; most do within a hundred."""


@pytest.mark.parametrize(
    "options",
    [{}, {"unique": True}, {"max_receive_count": 2}, {"archives": True}, {"audited": False}, {"recipe": CROPS},
     {"recipe": CROPS, "unique": True}],
    ids=str,
)  # fmt: skip
def test_nothing_is_lost_stale_or_left_over(options):
    """Whatever happens in between, all ends well: pictures that come back, unique ones, two attempts a message, an archive, no audit, crops."""
    for seed in range(WALKS):
        walk(seed, lambda: World(**options))


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_no_safeguard_can_be_taken_out(mutation):
    """Without any single condition of reconcile, some walk breaks a promise: each of them is needed."""

    def walk_on() -> None:
        for seed in range(ENOUGH):
            walk(seed, MUTATIONS[mutation])

    with pytest.raises(AssertionError):
        walk_on()
