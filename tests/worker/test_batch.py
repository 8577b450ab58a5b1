from __future__ import annotations

import json

import pytest

from tests.worker.fakes import MemoryDeadLetters, MemoryQueue, StoppedClock
from worker.backoff import Backoff
from worker.batch import Batch
from worker.errors import Conflict, ServiceUnavailable, Throttled, TooLarge, Truncated
from worker.events import event_body
from worker.message import Message
from worker.reconcile import READY, Reconciled
from worker.renderer import Trial

DAY = 86_400.0


def message(*keys: str, message_id: str = "m1", receive_count: int = 1) -> Message:
    """Return a delivery that hints at `keys`."""
    return Message(message_id, event_body("pictures", *keys), receive_count)


def run(outcomes: dict[str, Exception], *messages: Message, dead_letters: MemoryDeadLetters | None = None):
    """Run a batch where reconciling a key raises its outcome; return failed ids and dead letters."""

    def reconcile(key: str, trial: Trial) -> Reconciled:
        if key in outcomes:
            raise outcomes[key]
        return Reconciled(READY)

    letters = dead_letters or MemoryDeadLetters()
    report = batch(reconcile, letters=letters)(messages, "request-1", StoppedClock())
    return [failure["itemIdentifier"] for failure in report["batchItemFailures"]], letters.letters


def batch(reconcile, *, letters: MemoryDeadLetters | None = None, queue: MemoryQueue | None = None) -> Batch:
    """Return a batch that gives up on the fifth attempt, and delays by half of what it might."""
    return Batch(
        bucket="pictures",
        reconcile=reconcile,
        dead_letters=letters or MemoryDeadLetters(),
        queue=queue or MemoryQueue(),
        backoff=Backoff(retention=DAY, now=lambda: 0.0, random=lambda: 0.5),
        max_receive_count=5,
    )


def lines(capsys) -> list[dict]:
    """Return what was logged."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_done_message_is_left_out_of_the_report(capsys):
    """What succeeded is not reported, so that Lambda deletes it."""
    assert run({}, message("a")) == ([], [])
    (line,) = lines(capsys)
    assert (line["event"], line["keys"], line["results"]) == ("message.done", ["a"], ["ready"])


def test_a_retry_is_reported_and_nothing_else(capsys):
    """A transient failure goes back to the queue and not to the dead letters."""
    assert run({"a": Throttled("slow down")}, message("a")) == (["m1"], [])
    (line,) = lines(capsys)
    assert (line["event"], line["reason"], line["detail"]) == ("message.retry", "throttled", "slow down")


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


def test_a_sink_that_breaks_in_an_unknown_way_is_a_retry_too():
    """Even a bug in the send keeps the message in the queue."""
    broken = MemoryDeadLetters(failing=RuntimeError("bug"))  # type: ignore[arg-type]
    assert run({"a": Truncated("cut off")}, message("a"), dead_letters=broken)[0] == ["m1"]


def test_a_bug_is_a_retry_with_the_exception_s_name(capsys):
    """An exception that nobody knows fails its own message only, and says what it was."""
    assert run({"a": ZeroDivisionError("oops")}, message("a"))[0] == ["m1"]
    assert lines(capsys)[0]["detail"] == "ZeroDivisionError: oops"


def test_no_message_suffers_for_its_neighbour():
    """Each of a mixed batch has its own outcome."""
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
    """What is no notification is rejected without being reconciled."""
    failed, letters = run({}, Message("m1", body, 1))
    assert failed == []
    assert letters[0][1].reason == "malformed-event"
