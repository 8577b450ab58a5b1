from __future__ import annotations

import threading

import pytest

from tests.local.processes.waiting import eventually
from tests.worker.fakes import StoppedClock
from worker.contracts.errors import OutOfTime, TooLarge
from worker.process.clock import Clock
from worker.process.overlap import Overlap, Reservation

WAIT = 30.0


@pytest.fixture
def overlap():
    """Return an overlap of four pictures that may reserve a hundred bytes together."""
    return Overlap(4, read_ahead_limit=100)


@pytest.fixture
def clock():
    """Return the clock of an invocation with ninety seconds left."""
    return Clock(StoppedClock(90))


def run(overlap, *calls):
    """Return what the calls return, in their order, when all have ended."""
    return [future.result(WAIT) for future in [overlap.start(call) for call in calls]]


def test_pictures_are_under_way_at_once(overlap):
    """Each of four waits for all the others, and all end."""
    barrier = threading.Barrier(4, timeout=WAIT)
    assert sorted(run(overlap, *[barrier.wait] * 4)) == [0, 1, 2, 3]


def test_one_picture_is_rendered_at_a_time(overlap, clock):
    """Rendering takes processor and memory, so no two renderings overlap."""
    under_way, most = [], []

    def call():
        with Reservation(overlap, clock).render_slot():
            under_way.append(1)
            most.append(len(under_way))
            under_way.pop()

    run(overlap, *[call] * 8)
    assert max(most) == 1


def test_while_one_is_rendered_the_others_go_on(overlap, clock):
    """A rendering does not end before another picture has made its request: it could not if that waited for the slot."""
    requested = threading.Event()

    def renders():
        with Reservation(overlap, clock).render_slot():
            return requested.wait(WAIT)

    def requests():
        requested.set()
        return True

    assert run(overlap, renders, requests) == [True, True]


def test_an_error_in_the_render_slot_leaves_it_to_the_next(overlap, clock):
    """It reaches its own picture and no other."""

    def call(error):
        try:
            with Reservation(overlap, clock).render_slot():
                if error:
                    raise error
        except TooLarge as exc:
            return exc.detail
        return "rendered"

    assert run(overlap, lambda: call(TooLarge("huge")), lambda: call(None)) == ["huge", "rendered"]


def test_no_rendering_begins_that_the_time_would_probably_not_allow(overlap):
    """With 60 of 90 seconds gone for the first picture, the second is not begun, and says why."""
    time = StoppedClock(90)
    clock = Clock(time)
    rendered = []

    def call():
        try:
            with Reservation(overlap, clock).render_slot():
                rendered.append(1)
                time.left -= 60
        except OutOfTime as exc:
            return exc.reason
        return "done"

    assert sorted(run(overlap, call, call)) == ["done", "out-of-time"]
    assert len(rendered) == 1


@pytest.mark.parametrize(("sizes", "most"), [((40,) * 8, 80), ((40, 500, 40, 300), 500)])
def test_the_reserved_bytes_are_bounded(overlap, clock, sizes, most):
    """Never more than 100 at once, unless a single picture is larger: that one reserves while no other has bytes."""
    reserved, sums = [], []

    def call(size):
        reservation = Reservation(overlap, clock)
        reservation.reserve(size)
        reserved.append(size)
        sums.append(sum(reserved))
        with reservation.render_slot():
            pass
        reserved.remove(size)
        reservation.replace(0)

    run(overlap, *[lambda size=size: call(size) for size in sizes])
    assert max(sums) <= most
    assert {40 + 500, 500 + 300, 40 + 300}.isdisjoint(sums)
    assert overlap.reserved == 0


def test_what_is_in_memory_already_is_reserved_without_waiting(overlap, clock):
    """A picture that waited for room with its renditions would keep the room from one that has to go on."""
    full, done = Reservation(overlap, clock), Reservation(overlap, clock)
    full.reserve(100)
    done.replace(50)
    assert (full.by_others, done.by_others) == (100, 100)
    full.replace(0)
    done.replace(170)
    assert full.by_others == 170


def test_a_picture_that_waits_for_room_has_none(overlap, clock):
    """Two pictures that both have some bytes and want more do not wait for each other."""
    first, second = Reservation(overlap, clock), Reservation(overlap, clock)
    first.reserve(60)
    second.reserve(40)
    waiting = threading.Thread(target=first.reserve, args=(70,))
    waiting.start()
    assert eventually(lambda: overlap.reserved == 40)
    second.reserve(30)
    waiting.join(WAIT)
    assert overlap.reserved == 100
    assert first.waited > 0
