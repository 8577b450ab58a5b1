from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.queues.requests import Requests


class Forgetful(ThreadPoolExecutor):
    """A pool that does not know its threads: Ctrl-C came when it had started them and not yet noted them."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nothing."""
        super().shutdown(wait=False)


@pytest.fixture
def requests(monkeypatch):
    """Return requests in a single thread that is not waited for."""
    monkeypatch.setattr("ops.queues.requests.ThreadPoolExecutor", Forgetful)
    return Requests(1)


class Slow:
    """A request that the server answers a moment after nobody waits for it any more."""

    def __init__(self):
        self.begun, self.ended = threading.Event(), False

    def __call__(self):
        self.begun.set()
        threading.Event().wait(0.1)
        self.ended = True
        return "answer"


def test_closing_waits_for_a_request_of_which_the_pool_does_not_know(requests):
    """In one of some hundred runs of all tests, ten letters stayed hidden."""
    slow = Slow()
    future = requests.submit(slow, otherwise="none")
    slow.begun.wait()
    requests.close()
    assert slow.ended
    assert future.result() == "answer"


def test_a_request_that_has_not_begun_when_it_is_closed_is_not_made(requests):
    """It has the answer that was given for this."""
    first, second = Slow(), Slow()
    futures = [requests.submit(each, otherwise="none") for each in (first, second)]
    first.begun.wait()
    requests.close()
    assert [future.result() for future in futures] == ["answer", "none"]
    assert not second.begun.is_set()
