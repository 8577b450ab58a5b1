from __future__ import annotations

import pytest

from tests.worker.queue.scenes import Bench, message
from worker.contracts.errors import ServiceUnavailable, Throttled, Truncated


def test_no_picture_is_started_that_would_probably_not_be_finished():
    """With less time left than half as much again as the costliest picture took, the rest goes back at once."""
    bench = Bench(seconds={"a": 20, "b": 40})
    assert bench.run(*(message(key, message_id=key) for key in "abcd")) == ["c", "d"]
    assert bench.order == ["a", "b"]
    assert bench.queue.postponed == {"c": 0, "d": 5}


def test_suspects_come_last_in_child_processes_after_the_others_are_deleted():
    """A message that was received before is handled after the others, and its picture is rendered in a child process."""
    bench = Bench()
    assert bench.run(message("a", message_id="a", receive_count=2), message("b", message_id="b")) == []
    assert bench.order == ["b", "a"]
    assert [budget.in_child for _, budget in bench.budgets] == [False, True]
    assert bench.deleted_before["a"] == ["b"]


def test_a_fresh_message_about_a_suspect_s_key_is_a_suspect():
    """A duplicate of the message whose picture ended the process does not end this one."""
    bench = Bench()
    assert bench.run(message("a", message_id="m1"), message("a", message_id="m2", receive_count=2)) == []
    assert [(key, budget.in_child) for key, budget in bench.budgets] == [("a", True)]


def test_a_key_that_occurs_twice_in_a_batch_is_reconciled_once():
    """Both messages were sent before the source is read, so one read is enough for both."""
    bench = Bench(outcomes={"b": Truncated("cut")})
    assert bench.run(*(message(key, message_id=str(number)) for number, key in enumerate("abab"))) == []
    assert bench.order == ["a", "b"]
    assert bench.reasons == {"1": "truncated", "3": "truncated"}


def test_a_suspect_that_hangs_keeps_no_other_from_being_done():
    """Every suspect is first tried for a share of the time; one that needs more waits until the others are done."""
    bench = Bench(seconds={"hangs": 1e9, "a": 2, "b": 2})
    messages = [message(key, message_id=key, receive_count=2) for key in ("hangs", "a", "b")]
    assert bench.run(*messages) == []
    assert bench.order == ["hangs", "a", "b", "hangs"]
    assert bench.reasons == {"hangs": "decoder-timeout"}


def test_too_little_time_is_no_verdict():
    """A second picture that hangs gets no verdict from what the first has left, but comes back for one of its own."""
    bench = Bench(seconds={"a": 1e9, "b": 1e9})
    messages = [message(key, message_id=key, receive_count=2) for key in "ab"]
    assert bench.run(*messages) == ["b"]
    assert bench.reasons == {"a": "decoder-timeout"}
    assert bench.queue.postponed == {"b": 0}


def test_a_slow_suspect_is_done_all_the_same():
    """A picture that merely takes long is not given up while there is time."""
    bench = Bench(seconds={"slow": 60})
    assert bench.run(message("slow", receive_count=2)) == []
    assert bench.reasons == {}


def test_the_last_attempt_ends_with_a_reason():
    """A transient error on the last allowed receive becomes a dead letter that says what it was."""
    bench = Bench(outcomes={"a": Throttled("slow down")})
    assert bench.run(message("a", message_id="m1", receive_count=5)) == []
    assert bench.reasons == {"m1": "throttled"}
    assert bench.queue.postponed == {}


def test_a_last_attempt_that_cannot_be_dead_lettered_is_left_to_sqs():
    """What cannot be sent on stays; SQS itself then moves it, without a reason but whole."""
    bench = Bench(outcomes={"a": Throttled("slow down")})
    bench.letters.failing = ServiceUnavailable("no queue")
    assert bench.run(message("a", message_id="m1", receive_count=5)) == ["m1"]


def test_the_last_attempt_goes_before_the_fresh_ones_in_a_child_process():
    """A fresh picture that ends the process must not take with it a message that SQS will not deliver again."""
    bench = Bench(outcomes={"b": Truncated("cut")})
    messages = [
        message("fresh", message_id="m1"),
        message("a", message_id="m2", receive_count=5),
        message("b", message_id="m3", receive_count=5),
    ]
    assert bench.run(*messages) == []
    assert bench.order == ["a", "b", "fresh"]
    assert [budget.in_child for _, budget in bench.budgets] == [True, True, False]


@pytest.mark.parametrize("receive_count", [1, 2, 5])
def test_no_picture_is_rejected_for_slow_neighbours(receive_count):
    """Nine neighbours that take forever: a good picture on its last attempt has its share of the time, and is done."""
    bench = Bench(seconds=dict.fromkeys("abcdefghi", 1000000000.0 if receive_count == 5 else 40) | {"good": 5})
    slow = [message(key, message_id=key, receive_count=receive_count) for key in "abcdefghi"]
    bench.run(*slow, message("good", message_id="good", receive_count=5))
    assert "good" in bench.order
    assert "good" not in bench.reasons
    assert set(bench.reasons.values()) <= {"out-of-time"}


def test_little_time_is_no_verdict_on_a_fresh_message_either():
    """Its picture may have to be rendered in a child process, as its manifest says: after slow neighbours it has less than half."""
    bench = Bench(seconds=dict.fromkeys("abc", 16.0) | {"d": 1.0})
    bench.run(*(message(key, message_id=key) for key in "abcd"))
    conclusive = {key: budget.conclusive for key, budget in bench.budgets}
    assert conclusive == {"a": True, "b": True, "c": True, "d": False}


def test_time_that_quick_pictures_leave_goes_to_the_slow_one():
    """A picture that hangs among nine good ones, all on their last attempt: it has a verdict, and they are done."""
    bench = Bench(seconds={"hangs": 1e9} | dict.fromkeys("abcdefghi", 0.1))
    assert bench.run(*(message(key, message_id=key, receive_count=5) for key in ("hangs", *"abcdefghi"))) == []
    assert bench.reasons == {"hangs": "decoder-timeout"}


def test_a_share_of_the_time_is_no_verdict_even_on_the_last_attempt():
    """Three that would take forever, on their last attempt: their dead letters say that the time ran out."""
    bench = Bench(seconds={"a": 1e9, "b": 1e9, "c": 1e9})
    assert bench.run(*(message(key, message_id=key, receive_count=5) for key in "abc")) == []
    assert bench.reasons == dict.fromkeys("abc", "out-of-time")


def test_slow_suspects_come_back_one_after_the_other():
    """Eight good pictures of 40 s each that once came back together: one is done, the others come back one after the other."""
    bench = Bench(seconds=dict.fromkeys("abcdefgh", 40))
    retried = bench.run(*(message(key, message_id=key, receive_count=2) for key in "abcdefgh"))
    assert retried == list("bcdefgh")
    assert list(bench.queue.postponed.values()) == [0, 5, 10, 15, 20, 25, 30]
    assert bench.reasons == {}


def test_the_keys_of_one_message_share_its_time():
    """A message of two pictures that hang does not take twice the time that is left."""
    bench = Bench(seconds={"a": 1e9, "b": 1e9})
    bench.run(message("a", "b", receive_count=2))
    assert bench.clock.left >= 0


def test_without_suspects_nothing_is_deleted_early():
    """Lambda deletes what the report does not name; a request for it would be paid for nothing."""
    bench = Bench()
    assert bench.run(message("a")) == []
    assert bench.queue.deleted == []


def test_the_last_attempts_are_settled_before_a_fresh_one_can_end_the_process():
    """A dead letter of a last attempt is stored, and waits for no fresh neighbour."""
    bench = Bench(outcomes={"last": Truncated("cut")})
    bench.run(message("fresh", message_id="m1"), message("last", message_id="m2", receive_count=5))
    assert bench.stored_before == {"last": [], "fresh": ["m2"]}
