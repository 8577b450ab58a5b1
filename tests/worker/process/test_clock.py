from __future__ import annotations

import pytest

from tests.worker.fakes import StoppedClock
from worker.process.clock import Clock


def test_a_tenth_of_the_invocation_is_kept_for_the_end():
    """Dead letters and the report need time, too; five seconds are enough for the longest invocation."""
    assert Clock(StoppedClock(10)).left == 9
    assert Clock(StoppedClock(900)).left == 895


def test_the_first_picture_is_always_started():
    """Nothing is known of what a picture costs before the first one."""
    assert Clock(StoppedClock(10)).allows_another()


@pytest.mark.parametrize(("left", "allowed"), [(24.1, True), (23.9, False)])
def test_the_costliest_picture_so_far_is_the_measure(left, allowed):
    """Another one is started with one and a half times the costliest's time left, besides the reserve."""
    time = StoppedClock(90)
    clock = Clock(time)
    for cost in (12, 2):
        with clock.measured():
            time.left -= cost
    time.left = left - 1
    assert clock.allows_another() is allowed


def test_what_is_learnt_later_counts_too():
    """What a picture has cost with its requests is known when they are answered."""
    clock = Clock(StoppedClock(90))
    clock.learn(50)
    clock.learn(1)
    assert clock.allows_another()
    clock.learn(60)
    assert not clock.allows_another()


def test_a_picture_that_fails_has_cost_its_time_too():
    """An exception does not hide what its picture took."""
    time = StoppedClock(90)
    clock = Clock(time)

    def fail():
        with clock.measured():
            time.left -= 60
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not clock.allows_another()


def test_nothing_is_left_when_the_reserve_is_touched():
    """Less than the reserve is no time for pictures."""
    time = StoppedClock(10)
    clock = Clock(time)
    time.left = 0.5
    assert (clock.left, clock.allows_another()) == (0, False)
