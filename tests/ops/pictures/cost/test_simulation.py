from __future__ import annotations

from dataclasses import replace

import pytest

from ops.pictures.cost.simulation import FIRST, READS, Setting, drain

PLAIN = Setting(concurrency=10, batch=10, seconds=1.0, cold=0.0)


def test_one_worker_takes_one_picture_after_another():
    """The sum of all pictures' seconds."""
    assert drain(95, replace(PLAIN, concurrency=1)).seconds == pytest.approx(95)


def test_few_batches_start_at_once():
    """Five batches begin at once, and a sixth not before the mapping adds a worker or one is done."""
    assert drain(FIRST * 10, PLAIN).seconds == pytest.approx(10)
    assert 10 < drain(FIRST * 10 + 10, PLAIN).seconds < 11


def test_full_concurrency_gives_its_throughput():
    """A long burst drains at workers divided by seconds per picture, within the time that the workers took to start."""
    assert drain(100_000, PLAIN).seconds == pytest.approx(10_000, rel=0.01)


def test_the_quotient_agrees_with_every_batch_simulated(monkeypatch):
    """A burst that is simulated to its end takes as long as one whose rest is a quotient, within one per cent."""
    short = drain(40_000, PLAIN).seconds
    monkeypatch.setattr("ops.pictures.cost.simulation._SETTLED", 1e9)
    assert drain(40_000, PLAIN).seconds == pytest.approx(short, rel=0.01)


def test_the_mapping_takes_its_minutes_to_scale():
    """Standard mode reaches 1,000 workers after more than three minutes, provisioned mode after one."""
    slow, fast = Setting(1000), Setting(1000, provisioned=True)
    assert slow.allowed(180) == FIRST + 900
    assert slow.when(1000) == pytest.approx(199)
    assert fast.when(1000) == pytest.approx(59.7)
    assert drain(50_000, fast).seconds < drain(50_000, slow).seconds


def test_standard_mode_ends_where_the_mapping_does():
    """More concurrency than 1,250 changes nothing without provisioned pollers."""
    assert Setting(10_000).most == 1250
    assert drain(1_000_000, Setting(10_000)) == drain(1_000_000, Setting(1250))


def test_a_prefix_of_s3_holds_a_large_burst_up():
    """Two thousand workers on one prefix drain at the prefix's reads a second; on two, up to the writes."""
    one = replace(PLAIN, concurrency=2_000, seconds=0.5, provisioned=True)
    held = drain(10_000_000, one)
    assert held.held_by_s3
    assert held.seconds == pytest.approx(10_000_000 / (READS / one.reads), rel=0.02)
    assert drain(10_000_000, replace(one, prefixes=2)).seconds < 0.9 * held.seconds


def test_more_workers_never_take_longer():
    """Over all sizes of bursts."""
    for pictures in (1, 9, 100, 12_345):
        times = [drain(pictures, replace(PLAIN, concurrency=count)).seconds for count in (1, 2, 5, 50, 500)]
        assert times == sorted(times, reverse=True)
