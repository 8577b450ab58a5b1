from __future__ import annotations

import threading

from tests.local.processes.waiting import eventually
from tests.worker.queue.scenes import Overlapped, lines, message
from worker.contracts.errors import Throttled, Truncated

WAIT = 30.0


def test_the_requests_of_fresh_pictures_are_under_way_at_once():
    """Before the rendering and after it: each of four waits for the others, both times."""
    barrier = threading.Barrier(4, timeout=WAIT)
    overlapped = Overlapped(request=lambda _key: barrier.wait())
    assert overlapped.run(*(message(key, message_id=key) for key in "abcd")) == []
    assert sorted(overlapped.committed) == ["a", "b", "c", "d"]


def test_a_picture_is_committed_as_soon_as_it_is_rendered():
    """It waits for no neighbour: a worker that is killed in its last picture has committed all others."""

    def request(key):
        if key == "last":
            assert eventually(lambda: len(overlapped.committed) >= 9)

    overlapped = Overlapped(request=request)
    assert overlapped.run(*(message(key, message_id=key) for key in ("last", *"abcdefghi"))) == []
    assert overlapped.committed[-1] == "last"


def test_a_single_fresh_picture_and_suspects_are_not_overlapped():
    """A single picture has nothing to overlap with; suspects are handled one after the other, each with all of the memory."""
    overlapped = Overlapped()
    messages = [message("fresh", message_id="m1"), *(message(key, message_id=key, receive_count=2) for key in "ab")]
    assert overlapped.run(*messages) == []
    reservations = [(key, budget.reservation) for key, budget in overlapped.budgets]
    assert reservations == [("fresh", None), ("a", None), ("b", None)]


def test_a_picture_that_needs_all_of_the_memory_is_handled_after_the_others():
    """It is neither rejected nor retried: it is done in the same batch, when no other picture is under way."""
    overlapped = Overlapped(exclusive="b")
    assert overlapped.run(*(message(key, message_id=key) for key in "abc")) == []
    assert [(key, budget.reservation is None) for key, budget in overlapped.budgets][3:] == [("b", True)]
    assert sorted(overlapped.committed[:2]) == ["a", "c"]
    assert overlapped.committed[2] == "b"


def test_every_overlapped_picture_has_its_own_outcome():
    """One is rejected, one retried, one fails with a bug, one is done."""
    wrong = {"a": Truncated("cut"), "b": Throttled("slow"), "c": ZeroDivisionError("oops")}

    def render(key):
        if key in wrong:
            raise wrong[key]

    overlapped = Overlapped(render=render)
    assert sorted(overlapped.run(*(message(key, message_id=key) for key in "abcd"))) == ["b", "c"]
    assert overlapped.committed == ["d"]
    assert [error.reason for _, error in overlapped.letters.letters] == ["truncated"]


def test_no_overlapped_picture_is_started_that_would_probably_not_be_finished(capsys):
    """With less time left than half as much again as the costliest picture took, the rest goes back unrendered."""
    overlapped = Overlapped()
    rendered = []

    def render(key):
        rendered.append(key)
        overlapped.time.left -= 40

    overlapped.render = render
    retried = overlapped.run(*(message(key, message_id=key) for key in "abcd"))
    assert len(rendered) == 1
    assert set(retried) == set("abcd") - set(rendered)
    assert {line.get("reason") for line in lines(capsys)} == {None, "out-of-time"}


def test_a_batch_larger_than_the_overlap_is_done_all_the_same():
    """Twenty-five pictures, ten at a time."""
    overlapped = Overlapped()
    assert overlapped.run(*(message(f"{number}", message_id=f"{number}") for number in range(25))) == []
    assert len(overlapped.committed) == 25
