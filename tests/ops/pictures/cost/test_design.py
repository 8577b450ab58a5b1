from __future__ import annotations

import pytest

from ops.pictures.cost.design import MILLION, Design

DESIGN = Design(cpu=0.4, puts=3, gets=5, publishes=1, queued=True)


def test_cpu_costs_the_same_at_any_memory_up_to_one_processor():
    """Half the memory is half the processor for half the price: only the waiting makes a difference."""
    still = Design(cpu=0.4, puts=0, gets=0)
    small, whole = (MILLION * still.compute(memory, "arm64", 10_000) for memory in (512, 1769))
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
