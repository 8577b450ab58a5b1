from __future__ import annotations

import json

import pytest

from bench.scale import capacity, cost
from bench.scale.cost import Design

DESIGN = Design(cpu=0.4, puts=3, gets=5, publishes=1, queued=True)


def test_cpu_costs_the_same_at_any_memory_up_to_one_processor():
    """Half the memory is half the processor for half the price: only the waiting makes a difference."""
    still = Design(cpu=0.4, puts=0, gets=0)
    small, whole = (cost.MILLION * still.compute(memory, "arm64", 10_000) for memory in (512, 1769))
    assert small == pytest.approx(whole, rel=0.002)
    assert DESIGN.cost(512, "arm64", 10) < DESIGN.cost(1769, "arm64", 10) < DESIGN.cost(3008, "arm64", 10)


def test_a_sum_by_hand():
    """A second of 1,769 MB on x86_64, seven round trips, three PUTs and one GET cost what the price list says."""
    design = Design(cpu=1 - 0.002 * 4, puts=3, gets=1)
    seconds = 1 + 7 * 0.02 + 0.005
    by_hand = seconds * 1769 / 1024 * 16.6667 + 0.20 + 3 * 5.0 + 0.4
    assert design.cost(1769, "x86_64", 1) == pytest.approx(by_hand)


def test_batches_share_their_requests():
    """A batch of ten pays a tenth of the invocation, the waiting, the receive and the delete for each picture."""
    assert DESIGN.requests(1) - DESIGN.requests(10) == pytest.approx(0.40e-6 * 2 * 0.9)
    assert DESIGN.seconds(512, 1) - DESIGN.seconds(512, 10) == pytest.approx(0.9 * (7 * 0.02 + 0.005))


def test_what_was_counted_is_what_is_priced(tmp_path, monkeypatch):
    """Requests by kind and CPU come from the files that the measurements leave."""
    monkeypatch.setattr(cost, "BUILD", tmp_path)
    with pytest.raises(SystemExit, match=r"python -m bench\.race\.render"):
        cost.designs()
    (tmp_path / "render-webp.json").write_text(json.dumps({"worker": {"cpu": 0.3}, "plain": {"cpu": 0.7}}))
    counted = {"s3:PutObject": 3.0, "s3:GetObject": 1.0, "s3:HeadObject": 4.0, "sns:Publish": 1.0}
    (tmp_path / "requests.json").write_text(json.dumps(counted))
    assert cost.designs() == (Design(0.3, 3, 5, 1, queued=True), Design(0.7, 2, 1, round_trips=3))


def test_the_simulation_reads_a_source_as_often_as_was_counted(monkeypatch):
    """Of a new picture's four reads, three are of the source: of its outputs only the manifest gets a HEAD."""
    monkeypatch.setattr(capacity, "designs", lambda: (Design(0.3, puts=3, gets=4), Design(0.7, 2, 1)))
    assert capacity.source_reads() == 3
    assert {setting.reads for setting in capacity.settings(1.0, 3).values()} == {3}
