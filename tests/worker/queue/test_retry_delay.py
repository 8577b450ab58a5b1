from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.queue.message import Message
from worker.queue.retry_delay import BASE, CAP, RetryDelay

DAY = 86_400.0


def message(receive_count: int, sent_at: float = 0.0) -> Message:
    """Return a message that was sent at `sent_at`."""
    return Message("m", "{}", receive_count, sent_at=sent_at)


@pytest.mark.parametrize(("receive_count", "most"), [(1, 15), (2, 60), (3, 240), (4, 960), (9, CAP)])
def test_every_attempt_multiplies_the_wait_up_to_a_cap(receive_count, most):
    """Fifteen seconds, a minute, four, sixteen, and never more than an hour."""
    almost_one = RetryDelay(retention=DAY, now=lambda: 0.0, random=lambda: 1 - 1e-9)
    assert almost_one.exponential(message(receive_count)) == int(most) - 1


def test_full_jitter_starts_at_nothing():
    """Any wait from nothing on is as likely as any other, so that no herd forms."""
    assert RetryDelay(retention=DAY, now=lambda: 0.0, random=lambda: 0.0).exponential(message(4)) == 0


@given(
    receive_count=st.integers(1, 1000),
    age=st.floats(0, 20 * DAY),
    retention=st.floats(60, 13 * DAY),
    random=st.floats(0, 1, exclude_max=True),
)
def test_no_message_waits_past_its_retention(receive_count, age, retention, random):
    """Whatever the attempt and the age, the message is seen again before the queue drops it."""
    delay = RetryDelay(retention, now=lambda: age, random=lambda: random).exponential(message(receive_count))
    assert 0 <= delay <= max(0.0, min(CAP, retention - age))


def test_the_first_wait_is_short():
    """The ceiling of the first retry is the base."""
    assert RetryDelay(DAY, now=lambda: 0.0, random=lambda: 0.5).exponential(message(1)) == int(BASE / 2)
