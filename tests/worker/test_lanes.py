from __future__ import annotations

import threading

import pytest

from tests.local.waiting import eventually
from tests.worker.fakes import StoppedClock
from worker.clock import Clock
from worker.errors import OutOfTime, TooLarge
from worker.lanes import Lanes

WAIT = 30.0


@pytest.fixture
def lanes():
    """Return four lanes that may hold a hundred bytes together."""
    return Lanes(4, ahead=100)


@pytest.fixture
def clock():
    """Return the clock of an invocation with ninety seconds left."""
    return Clock(StoppedClock(90))


def test_calls_are_under_way_together(lanes, clock):
    """Each waits for all the others, and all end; what they return is in their order."""
    barrier = threading.Barrier(4, timeout=WAIT)

    def call(number):
        barrier.wait()
        return number

    assert lanes.run([lambda n=n: call(n) for n in range(4)], clock) == [0, 1, 2, 3]


def test_turns_are_taken_one_after_the_other_by_the_thread_that_runs_the_lanes(lanes, clock):
    """What takes processor and memory never happens twice at once, nor in a thread with a heap of its own."""
    under_way, most, threads = [], [], set()

    def turn():
        under_way.append(1)
        most.append(len(under_way))
        threads.add(threading.current_thread())
        under_way.pop()
        return "rendered"

    def call():
        return lanes.lane().in_turn(turn)

    assert lanes.run([call] * 8, clock) == ["rendered"] * 8
    assert (max(most), threads) == (1, {threading.current_thread()})


def test_while_one_has_its_turn_the_others_go_on(lanes, clock):
    """A turn does not end before another call has made its request: it could not if that waited for the turn."""
    requested = threading.Event()

    def renders():
        return lanes.lane().in_turn(lambda: requested.wait(WAIT))

    def requests():
        requested.set()
        return True

    assert lanes.run([renders, requests], clock) == [True, True]


def test_what_goes_wrong_in_a_turn_reaches_whose_turn_it_was(lanes, clock):
    """And nobody else; the next turn is taken all the same."""

    def fails():
        raise TooLarge("huge")

    def call(turn):
        try:
            return lanes.lane().in_turn(turn)
        except TooLarge as exc:
            return exc.detail

    assert lanes.run([lambda: call(fails), lambda: call(lambda: "rendered")], clock) == ["huge", "rendered"]


def test_no_turn_begins_that_the_time_would_probably_not_allow(lanes):
    """With 60 of 90 seconds gone for the first turn, the second is not begun; its call hears why."""
    time = StoppedClock(90)
    taken = []

    def turn():
        taken.append(1)
        time.left -= 60

    def call():
        try:
            lanes.lane().in_turn(turn)
        except OutOfTime as exc:
            return exc.reason
        return "done"

    assert sorted(lanes.run([call, call], Clock(time))) == ["done", "out-of-time"]
    assert len(taken) == 1


def test_the_bytes_that_lanes_hold_are_bounded(lanes, clock):
    """Eight times 40 bytes where 100 may be held: never more than two at once, and each gets its turn."""
    held, most = [], []

    def call():
        lane = lanes.lane()
        lane.hold(40)
        held.append(40)
        most.append(sum(held))
        lane.in_turn(lambda: None)
        held.pop()
        lane.swap(0)

    lanes.run([call] * 8, clock)
    assert max(most) <= 80


def test_one_that_is_larger_than_what_may_be_held_has_the_room_to_itself(lanes, clock):
    """It waits until nobody holds any, and others wait for it: nothing is too large to be read."""
    held, most = [], []

    def call(size):
        lane = lanes.lane()
        lane.hold(size)
        held.append(size)
        most.append(sum(held))
        lane.in_turn(lambda: None)
        held.remove(size)
        lane.swap(0)

    lanes.run([lambda size=size: call(size) for size in (40, 500, 40, 300)], clock)
    assert max(most) == 500
    assert {40 + 500, 500 + 300, 40 + 300}.isdisjoint(most)


def test_what_has_been_made_is_held_without_waiting(lanes):
    """Renditions are in memory already: who waited for room with them would keep the room from who has to go on."""
    full, done = lanes.lane(), lanes.lane()
    full.hold(100)
    done.swap(50)
    assert (full.beside, done.beside) == (100, 100)
    full.swap(0)
    done.swap(170)
    assert full.beside == 170


def test_who_waits_for_room_holds_none(lanes):
    """Two that both hold some and want more wait for nobody who waits for them."""
    first, second = lanes.lane(), lanes.lane()
    first.hold(60)
    second.hold(40)
    waiting = threading.Thread(target=first.hold, args=(70,))
    waiting.start()
    assert eventually(lambda: second.beside == 100 and lanes.held == 40)
    second.hold(30)
    waiting.join(WAIT)
    assert lanes.held == 100
    assert first.waited > 0


def test_an_interrupted_run_leaves_nobody_waiting(lanes, clock):
    """Ctrl-C in a turn: the others get none any more, all calls end, and the interruption goes on."""
    ended = []

    def interrupted():
        raise KeyboardInterrupt

    def call(turn):
        try:
            lanes.lane().in_turn(turn)
        finally:
            ended.append(1)

    with pytest.raises(KeyboardInterrupt):
        lanes.run([lambda: call(interrupted), *[lambda: call(lambda: None)] * 3], clock)
    assert len(ended) == 4
