from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ops.pictures.where.attempt import Attempt, NotSeen, latest_attempt, latest_attempt_of
from tests.ops.support.fakes import letter
from tests.ops.support.log import DENIED, MemoryLog
from worker.contracts.errors import AccessDenied, Throttled, Truncated
from worker.contracts.names import BATCH, DONE, REJECT, RETRY

NOW = datetime(2026, 11, 26, 5, 0, 30, tzinfo=UTC)
KEYS = st.text(st.sampled_from("a/ .-\"\\%*é\n'猫") | st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def ago(**span):
    """Return a moment before now."""
    return NOW - timedelta(**span)


def look(logged, key="cats/1.jpg", since=None):
    """Return the latest attempt at a picture that was written long ago."""
    return latest_attempt(logged.log, key, since or ago(days=9), NOW)


def test_the_latest_attempt_says_what_was_wrong():
    """With time, reason and detail, as a person and a program read it, and when the next one is."""
    logged = MemoryLog()
    logged.write(ago(minutes=3), RETRY, "cats/1.jpg", reason="throttled", detail="Slow down.", retry_in=9)
    logged.write(ago(minutes=1), RETRY, "cats/1.jpg", reason="access-denied", detail="s3:PutObject.", retry_in=45)
    logged.write(ago(minutes=1), DONE, "cats/2.jpg")
    found = look(logged)
    assert str(found) == "2026-11-26T04:59:30Z, access-denied: s3:PutObject."
    assert found.to_json() == {
        "at": "2026-11-26T04:59:30+00:00",
        "result": "access-denied",
        "detail": "s3:PutObject.",
        "retry_at": "2026-11-26T05:00:15+00:00",
    }
    assert found.is_retried


@given(KEYS, KEYS)
def test_it_is_of_exactly_this_key(key, other):
    """Whatever the key has in it, and whatever other key begins with it, holds it or is in the same case."""
    logged = MemoryLog()
    logged.write(ago(minutes=2), RETRY, key, reason="throttled")
    for another in {other, f"{key}x", f"x{key}", key.swapcase()} - {key}:
        logged.write(ago(minutes=1), RETRY, another, reason="conflict")
    logged.write(ago(minutes=1), BATCH, key)
    logged.write_text(ago(minutes=1), f"REPORT {key}")
    assert look(logged, key) == Attempt(ago(minutes=2), "throttled")


def test_it_is_found_at_the_end_of_a_log_that_is_too_long_to_read():
    """CloudWatch answers from the oldest line on: a day of others' lines came first, and the reading ended among them."""
    logged = MemoryLog(per_page=1)
    for minutes in range(90, 1400, 7):
        logged.write(ago(minutes=minutes), RETRY, "cats/1.jpg", reason="throttled")
    logged.write(ago(minutes=30), RETRY, "cats/1.jpg", reason="access-denied")
    assert look(logged).result == "access-denied"
    assert logged.pages <= 3


def test_a_log_that_was_not_read_to_its_end_is_not_said_to_have_no_line():
    """A sentence of its own."""
    logged = MemoryLog(per_page=1)
    assert look(logged) == NotSeen("none in the worker's log since 2026-11-25T05:00:30Z")
    for minutes in range(90, 1400, 7):
        logged.write(ago(minutes=minutes), DONE, "cats/2.jpg")
    found = look(logged)
    assert str(found) == "none in what was read of the worker's log, which is long, since 2026-11-25T05:00:30Z"
    assert found.to_json() == {"not_seen": str(found)}


def test_an_attempt_at_what_was_there_before_is_none():
    """The source was written after it."""
    logged = MemoryLog()
    logged.write(ago(minutes=7), RETRY, "cats/1.jpg", reason="throttled")
    assert look(logged, since=ago(minutes=6)) == NotSeen("none in the worker's log since 2026-11-26T04:54:30Z")
    assert look(logged, since=ago(minutes=8)).result == "throttled"


def test_a_source_of_a_moment_ago_is_looked_for_all_the_same():
    """By this computer's clock, which is slow, it may be of the future."""
    logged = MemoryLog()
    logged.write(ago(seconds=-20), RETRY, "cats/1.jpg", reason="throttled")
    assert look(logged, since=ago(minutes=-3)).result == "throttled"


def test_of_several_keys_each_has_its_own_result():
    """The message has the reason of one."""
    logged = MemoryLog()
    results = ["access-denied", "ready", "truncated"]
    fields = {"results": results, "reason": AccessDenied.reason, "detail": "s3:PutObject.", "retry_in": 4}
    logged.write(ago(minutes=1), RETRY, "a", "b", "c", **fields)
    again = ago(seconds=56)
    assert look(logged, "a") == Attempt(ago(minutes=1), "access-denied", "s3:PutObject.", again)
    assert look(logged, "b") == Attempt(ago(minutes=1), "ready", None, again)
    assert look(logged, "c") == Attempt(ago(minutes=1), Truncated.reason, None, again)


def test_a_verdict_that_found_no_place_is_tried_again_for_what_was_in_its_way():
    """A dead letter could not be sent: the picture's own result is not why its message came back."""
    logged = MemoryLog()
    logged.write(ago(minutes=1), RETRY, "a", results=["truncated"], reason="throttled", detail="SQS.")
    assert look(logged, "a") == Attempt(ago(minutes=1), Throttled.reason, "SQS.")


def test_a_log_that_may_not_be_read_is_no_error():
    """`where` says so in that line, and goes on."""
    found = look(MemoryLog(failing=DENIED))
    assert str(found).startswith("not known: You are not allowed to read the worker's log: not authorized")


def test_a_letter_without_a_reason_has_its_attempts_in_the_log():
    """By its message's id: another message about the same key is another matter."""
    there = letter("cats/1.jpg", None)
    logged = MemoryLog()
    at = there.sent_at + timedelta(minutes=1)
    now = at + timedelta(hours=1)
    logged.write(at, RETRY, "cats/1.jpg", reason="service-unavailable", message_id=there.id)
    logged.write(at + timedelta(minutes=1), REJECT, "cats/1.jpg", reason="truncated", message_id="another")
    assert latest_attempt_of(logged.log, there, "cats/1.jpg", now) == Attempt(at, "service-unavailable")
    assert "none lived to reply" in str(latest_attempt_of(MemoryLog().log, there, "cats/1.jpg", now))
    assert "not allowed" in str(latest_attempt_of(MemoryLog(failing=DENIED).log, there, "cats/1.jpg", now))
