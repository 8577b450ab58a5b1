from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock

import pytest

from ops.dead_letters.next_step import FIRST
from ops.health.retried import Retried
from tests.ops.support.log import DENIED, MemoryLog
from worker.contracts.errors import Retry, leaves
from worker.contracts.names import DONE, RETRY

NOW = datetime(2026, 11, 26, 5, tzinfo=UTC)


@pytest.fixture
def session():
    """Return a session that only names commands."""
    session = MagicMock()
    session.command.side_effect = lambda *words: " ".join(words)
    session.deployment.log_group = "images-worker"
    return session


def retried(*attempts, **log):
    """Return what was tried again, of attempts a second apart, the last of them now."""
    logged = MemoryLog(**log)
    for place, (reason, *keys) in enumerate(reversed(attempts)):
        logged.write(NOW - timedelta(seconds=place), RETRY, *keys, reason=reason)
    return Retried.of(logged.log, NOW), logged


def test_reasons_are_counted_and_each_names_a_picture(session):
    """What does not pass by itself comes first, however much of the rest there is."""
    found, _ = retried(
        *[("throttled", f"dogs/{number}.jpg") for number in range(3)], *[("access-denied", "cats/1.jpg")] * 2
    )
    assert str(found) == "2 access-denied (first: cats/1.jpg), 3 throttled (first: dogs/0.jpg)"
    assert found.to_json() == {
        "reasons": {
            "access-denied": {"count": 2, "first": "cats/1.jpg"},
            "throttled": {"count": 3, "first": "dogs/0.jpg"},
        },
        "is_all": True,
    }
    assert found.advice(session) == "access-denied does not pass by itself: where cats/1.jpg"


def test_only_retries_of_the_last_minutes_count():
    """A line that has the event's name as a part of a picture's key is another's."""
    logged = MemoryLog()
    logged.write(NOW - timedelta(minutes=6), RETRY, "old.jpg", reason="throttled")
    logged.write(NOW - timedelta(minutes=1), DONE, f"{RETRY}.jpg")
    logged.write_text(NOW - timedelta(minutes=1), f"REPORT {RETRY}")
    assert Retried.of(logged.log, NOW) == Retried()


def test_a_long_log_is_not_read_to_its_end():
    """`status --watch` reads it again and again: a few pages say enough."""
    found, logged = retried(*[("throttled", "a.jpg")] * 50, per_page=1)
    assert str(found) == "at least 5 throttled (first: a.jpg)"
    assert found.to_json()["is_all"] is False
    assert logged.pages == 5


def test_a_log_that_may_not_be_read_is_no_error(session):
    """`status` says so in that line, goes on, and says where the reasons are."""
    found, _ = retried(failing=DENIED)
    assert str(found).startswith("not known why: You are not allowed to read the worker's log: not authorized")
    assert found.to_json() == {"unread": str(found).removeprefix("not known why: ")}
    assert found.advice(session) == "why pictures are tried again is in the log images-worker, event message.retry"


@pytest.mark.parametrize("per_page", [1, 1000])
def test_a_log_without_a_retry_says_so(session, per_page):
    """The metric was faster than the log, or the retries come after what was read."""
    logged = MemoryLog(per_page=per_page)
    for _ in range(9):
        logged.write(NOW, DONE, "a.jpg")
    found = Retried.of(logged.log, NOW)
    assert ("what was read" in str(found)) is (per_page == 1)
    assert "images-worker" in found.advice(session)


@pytest.mark.parametrize("reason", sorted(leaf.reason for leaf in leaves(Retry)))
def test_every_reason_has_an_advice(session, reason):
    """To look at the picture, or that there is nothing to do; of a message without keys there is none to look at."""
    (named, _), (unnamed, _) = retried((reason, "-a.jpg")), retried((reason,))
    if reason in FIRST:
        assert named.advice(session) == f"{reason} does not pass by itself: where -- -a.jpg"
        assert unnamed.advice(session) == f"docs/operations.md, {reason}"
    else:
        assert named.advice(session) == unnamed.advice(session) == f"nothing; {reason} passes by itself"
    assert str(unnamed) == f"1 {reason}"
