"""Ctrl-C at any moment of a sweep: every message is visible again, those of a request under way included."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.queues.sweep import Sweep
from tests.ops.support.fakes import DEAD_LETTERS, MemorySqs, fill, queues

LETTERS = 30
MOMENTS = 20
POLL = 0.1
"""Seconds that a receive takes: the server's part of it, which goes on when nobody waits for the answer any more."""


class Server(MemorySqs):
    """SQS as a server: what it has begun it ends, and what it hands out it hides (aws-sdk-java-v2#1395)."""

    def serve(self):
        """Return the threads that requests are answered in."""
        self.threads = ThreadPoolExecutor(16)
        return self.threads

    def receive_message(self, **request):
        """Answer after a while, with what is visible then."""
        return self.threads.submit(self._after_a_while, request).result()

    def _after_a_while(self, request):
        time.sleep(POLL)
        return super().receive_message(**request)


def interrupted(sqs, after):
    """List every letter, interrupted after `after` seconds; return whether the interrupt came in the midst of it."""
    timer = threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    listing = False
    try:
        with Sweep(queues(sqs)[0]) as sweep:
            listing = True
            timer.start()
            list(sweep.letters())
            listing = False
        timer.join()
    except KeyboardInterrupt:
        return listing
    finally:
        signal.signal(signal.SIGINT, before)
    return False


@pytest.mark.parametrize("number", range(1, MOMENTS + 1))
def test_no_message_stays_hidden(number):
    """SQS answers a poll whether or not anybody waits, and hides what it hands out: so the answer is waited for."""
    sqs = Server()
    fill(sqs, LETTERS)
    with sqs.serve():
        assert interrupted(sqs, 2.9 * POLL * number / MOMENTS)
    assert sqs.hidden(DEAD_LETTERS) == 0
