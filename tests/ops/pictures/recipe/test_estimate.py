from __future__ import annotations

import pytest

from ops.pictures.cost import prices
from ops.pictures.cost.design import Design
from ops.pictures.recipe.change import Group
from ops.pictures.recipe.estimate import estimate
from tests.ops.pictures.recipe.plans import BETTER, SMALL, WEB, change, listed, side, tree, trial


@pytest.fixture
def tried(tmp_path):
    """Return two trials of the change: half a second of CPU, and a second and a half that stands for three pictures."""
    of, made = change(), (side(tmp_path / "a", BETTER, b"12"),)
    return [trial(of, (), made, cpu=0.5), trial(of, (), made, cpu=1.5, weight=3)]


def test_the_sum_by_hand(tried):
    """The CPU of the sample by its weights; HEADs of the manifest, the rendition and twice the source, one GET, two looks at manifests."""
    found = estimate([Group(change(), pictures=1000)], tried, tree())
    design = Design(cpu=1.25, puts=2, gets=7, publishes=1, queued=True)
    assert found is not None
    assert found.dollars == pytest.approx(design.cost(512, "arm64", 10) / 1000)
    assert found.seconds == pytest.approx(1000 * design.seconds(512, 10) / 2, rel=0.05)


def test_the_time_is_that_of_the_configured_concurrency(tried):
    """Ten times as many batches at once take a tenth."""
    slow, fast = (
        estimate([Group(change(), pictures=100_000)], tried, tree(backfill_concurrency=count)) for count in (2, 20)
    )
    assert slow is not None
    assert fast is not None
    assert slow.seconds == pytest.approx(10 * fast.seconds, rel=0.05)
    assert slow.dollars == fast.dollars


def test_what_is_not_rendered_costs_nothing(tried):
    """Unchanged, left alone, archived."""
    groups = [
        Group(change((WEB,), (WEB,)), pictures=5),
        Group(change((WEB,), ()), pictures=5),
        Group(change(), pictures=5, archived=5),
    ]
    found = estimate(groups, tried, tree())
    assert found is not None
    assert (found.pictures, found.dollars, found.seconds) == (0, 0, 0)


def test_what_is_read_from_instant_retrieval_is_paid_by_its_bytes(tried):
    """A gigabyte of originals: three cents."""
    dollars = []
    for storage_class in ("STANDARD", "GLACIER_IR"):
        group = Group(change())
        group.add(listed(size=2**30, storage_class=storage_class))
        found = estimate([group], tried, tree())
        assert found is not None
        dollars.append(found.dollars)
    assert dollars[1] - dollars[0] == pytest.approx(prices.INSTANT_RETRIEVAL_GIGABYTE)


def test_nobody_knows_the_cost_where_nothing_could_be_rendered():
    """Every picture of the sample was rejected: no figure is made up."""
    assert estimate([Group(change(), pictures=5)], [trial(change(), (), ())], tree()) is None
    assert estimate([], [], tree()) is not None


def test_one_rendition_more_is_one_head_and_one_put_more(tried):
    """5.40 a million, besides its CPU: docs/costs.md."""
    one, two = (
        estimate([Group(change((WEB,), after), pictures=1_000_000)], tried, tree())
        for after in ((BETTER,), (BETTER, SMALL))
    )
    assert one is not None
    assert two is not None
    requests = 1e6 * (prices.PUT + prices.GET)
    cpu = 0.004 / (512 / prices.VCPU) * 0.5 * prices.GIGABYTE_SECOND["arm64"] * 1e6
    assert two.dollars - one.dollars == pytest.approx(requests + cpu)
