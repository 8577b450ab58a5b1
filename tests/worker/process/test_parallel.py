from __future__ import annotations

import threading

import pytest

from worker.contracts.errors import Conflict, Throttled
from worker.process.parallel import Parallel, sequentially


def test_requests_are_under_way_at_once():
    """Each of three waits for the two others, which would never end one after the other."""
    barrier = threading.Barrier(3, timeout=30)
    assert sorted(Parallel(3)([barrier.wait] * 3)) == [0, 1, 2]


@pytest.mark.parametrize("run_all", [sequentially, Parallel(2)])
def test_the_answers_are_in_the_order_of_the_calls(run_all):
    """The order in which the requests end does not matter."""
    assert run_all([lambda: "a", lambda: "b", lambda: "c"]) == ["a", "b", "c"]
    assert run_all([]) == []


@pytest.mark.parametrize("run_all", [sequentially, Parallel(2)])
def test_all_are_made_before_the_first_error_is_raised(run_all):
    """A caller that starts again after an error leaves no request behind that arrives later."""
    made = []

    def fails(error):
        made.append(error)
        raise error

    calls = [lambda: fails(Conflict("a")), lambda: fails(Throttled("b")), lambda: made.append("c")]
    with pytest.raises(Conflict):
        run_all(calls)
    assert {str(each) for each in made} == {"a", "b", "c"}


def test_a_single_request_takes_no_thread():
    """It is made in the caller's thread."""
    assert Parallel(2)([threading.current_thread]) == [threading.current_thread()]
