from __future__ import annotations

import pytest

from tests.worker.fakes import MemoryDeadLetters
from tests.worker.queue.scenes import Bench, lines, message, run
from worker.contracts.errors import Conflict, ServiceUnavailable, Throttled, TooLarge, Truncated
from worker.queue.message import Message


def test_a_done_message_is_left_out_of_the_report(capsys):
    """What succeeded is not reported, so that Lambda deletes it."""
    assert run({}, message("a")) == ([], [])
    (line,) = lines(capsys)
    assert (line["event"], line["keys"], line["results"]) == ("message.done", ["a"], ["ready"])
    assert "retry_in" not in line


def test_a_retry_is_reported_and_nothing_else(capsys):
    """A transient failure goes back to the queue and not to the dead letters."""
    assert run({"a": Throttled("slow down")}, message("a")) == (["m1"], [])
    (line,) = lines(capsys)
    assert (line["event"], line["reason"], line["detail"]) == ("message.retry", "throttled", "slow down")
    assert line["retry_in"] == 7, "half of the 15 seconds that it waits at most: an operator asks when"


def test_a_reject_is_dead_lettered_with_its_reason_and_acknowledged(capsys):
    """What can never succeed leaves the queue for the dead letters at once."""
    failed, letters = run({"a": Truncated("cut off")}, message("a"))
    assert failed == []
    assert [(m.message_id, e.reason) for m, e in letters] == [("m1", "truncated")]
    assert lines(capsys)[0]["event"] == "message.reject"


def test_a_reject_that_cannot_be_dead_lettered_stays_in_the_queue(capsys):
    """A failing send to the dead letters makes the reject a retry: nothing is acknowledged that is stored nowhere."""
    down = MemoryDeadLetters(failing=ServiceUnavailable("no queue"))
    assert run({"a": Truncated("cut off")}, message("a"), dead_letters=down)[0] == ["m1"]
    assert lines(capsys)[0]["reason"] == "service-unavailable"


def test_an_unknown_error_of_the_dead_letter_queue_is_a_retry_too():
    """Even a bug in the send keeps the message in the queue."""
    broken = MemoryDeadLetters(failing=RuntimeError("bug"))  # type: ignore[arg-type]
    assert run({"a": Truncated("cut off")}, message("a"), dead_letters=broken)[0] == ["m1"]


def test_a_bug_is_a_retry_with_the_exception_s_name(capsys):
    """An unknown exception fails its own message only, with its name."""
    assert run({"a": ZeroDivisionError("oops")}, message("a"))[0] == ["m1"]
    assert lines(capsys)[0]["detail"] == "ZeroDivisionError: oops"


def test_every_message_of_a_batch_has_its_own_outcome():
    """A retry and a reject in a batch change nothing for the messages beside them."""
    failed, letters = run(
        {"b": Conflict("lost"), "c": TooLarge("huge")},
        message("a", message_id="m1"),
        message("b", message_id="m2"),
        message("c", message_id="m3"),
        message("d", message_id="m4"),
    )
    assert failed == ["m2"]
    assert [m.message_id for m, _ in letters] == ["m3"]


def test_a_batch_in_which_all_failed_reports_all():
    """No exception leaves the batch, whatever happened."""
    assert run({"a": Conflict("lost"), "b": OSError("bug")}, message("a"), message("b", message_id="m2"))[0] == [
        "m1",
        "m2",
    ]


def test_every_key_of_a_message_is_tried_and_a_retry_outweighs_a_reject(capsys):
    """One message with several keys: all are reconciled, and it is not dead-lettered while one may still succeed."""
    failed, letters = run({"a": Truncated("cut"), "b": Throttled("slow")}, message("a", "b", "c"))
    assert (failed, letters) == (["m1"], [])
    assert lines(capsys)[0]["results"] == ["truncated", "throttled", "ready"]


@pytest.mark.parametrize("body", ["", "{}", "hello"])
def test_a_malformed_message_is_dead_lettered(body):
    """A body that is not a notification is rejected, and nothing is reconciled."""
    failed, letters = run({}, Message("m1", body, 1))
    assert failed == []
    assert letters[0][1].reason == "malformed-event"


def test_a_retry_waits_longer_each_time():
    """Each attempt multiplies what the next one waits at most; all messages of a batch that are retried are postponed."""
    bench = Bench(outcomes={"a": Throttled("slow"), "b": Conflict("lost")})
    messages = (message("a", message_id="a"), message("b", message_id="b", receive_count=3))
    assert sorted(bench.run(*messages)) == ["a", "b"]
    assert bench.queue.postponed == {"a": 7, "b": 120}


@pytest.mark.parametrize("failure", [ServiceUnavailable("no queue"), RuntimeError("bug")])
def test_a_queue_that_fails_changes_no_outcome(failure, capsys):
    """What could not be deleted early or postponed is logged, and the report stays as it is."""
    bench = Bench(outcomes={"b": Throttled("slow")})
    bench.queue.failing = failure
    messages = (
        message("a", message_id="a"),
        message("b", message_id="b"),
        message("c", message_id="c", receive_count=2),
    )
    assert bench.run(*messages) == ["b"]
    events = [line["event"] for line in lines(capsys)]
    assert (events.count("messages.not-deleted"), events.count("messages.not-postponed")) == (1, 1)


def test_messages_that_the_queue_refuses_are_logged(capsys):
    """SQS answers 200 with a list of what it did not do; the ids are in the log."""
    bench = Bench(outcomes={"a": Throttled("slow")})
    bench.queue.refused = ["a"]
    assert bench.run(message("a", message_id="a")) == ["a"]
    assert lines(capsys)[-1] == {"event": "messages.not-postponed", "request_id": "request-1", "message_ids": ["a"]}
