from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from tests.worker.fakes import MemoryDeadLetters, MemoryQueue, StoppedClock
from worker.contracts.errors import (
    Conflict,
    DecoderTimeout,
    OutOfTime,
    ServiceUnavailable,
    Throttled,
    TooLarge,
    Truncated,
)
from worker.contracts.events import event_body
from worker.process.overlap import NeedsExclusive, Overlap
from worker.queue.batch import Batch
from worker.queue.message import Message
from worker.queue.retry_delay import RetryDelay
from worker.reconcile.reconciler import READY, Reconciled

if TYPE_CHECKING:
    from worker.rendering.renderer import Budget

DAY = 86_400.0


def message(*keys: str, message_id: str = "m1", receive_count: int = 1) -> Message:
    """Return a delivery that hints at `keys`."""
    return Message(message_id, event_body("pictures", *keys), receive_count)


def run(outcomes: dict[str, Exception], *messages: Message, dead_letters: MemoryDeadLetters | None = None):
    """Run a batch where reconciling a key raises its outcome; return failed ids and dead letters."""

    def reconcile(key: str, budget: Budget) -> Reconciled:
        if key in outcomes:
            raise outcomes[key]
        return Reconciled(READY)

    letters = dead_letters or MemoryDeadLetters()
    report = batch(reconcile, letters=letters)(messages, "request-1", StoppedClock())
    return [failure["itemIdentifier"] for failure in report["batchItemFailures"]], letters.letters


def batch(
    reconcile,
    *,
    letters: MemoryDeadLetters | None = None,
    queue: MemoryQueue | None = None,
    overlap: Overlap | None = None,
) -> Batch:
    """Return a batch that gives up on the fifth attempt, and delays by half of what it might."""
    return Batch(
        bucket="pictures",
        reconcile=reconcile,
        dead_letters=letters or MemoryDeadLetters(),
        queue=queue or MemoryQueue(),
        retry_delay=RetryDelay(retention=DAY, now=lambda: 0.0, random=lambda: 0.5),
        max_receive_count=5,
        overlap=overlap,
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


class Bench:
    """A reconcile whose keys cost seconds and end in outcomes, and everything that a batch talks to."""

    def __init__(self, seconds: dict[str, float] | None = None, outcomes: dict[str, Exception] | None = None) -> None:
        self.seconds, self.outcomes = seconds or {}, outcomes or {}
        self.clock, self.queue, self.letters = StoppedClock(), MemoryQueue(), MemoryDeadLetters()
        self.budgets: list[tuple[str, Budget]] = []
        self.deleted_before: dict[str, list[str]] = {}
        self.stored_before: dict[str, list[str]] = {}

    def reconcile(self, key: str, budget: Budget) -> Reconciled:
        """Take as long as the key needs; in_child, no longer than the budget allows."""
        self.budgets.append((key, budget))
        self.deleted_before.setdefault(key, list(self.queue.deleted))
        self.stored_before.setdefault(key, list(self.reasons))
        needed = self.seconds.get(key, 0)
        self.clock.left -= min(needed, budget.seconds) if budget.in_child else needed
        if budget.in_child and needed > budget.seconds:
            raise DecoderTimeout("slow") if budget.conclusive else OutOfTime("slow")
        if key in self.outcomes:
            raise self.outcomes[key]
        return Reconciled(READY)

    def run(self, *messages: Message) -> list[str]:
        """Return the ids of the messages to retry."""
        handle = batch(self.reconcile, letters=self.letters, queue=self.queue)
        report = handle(messages, "request-1", self.clock)
        return [failure["itemIdentifier"] for failure in report["batchItemFailures"]]

    @property
    def order(self) -> list[str]:
        """The keys as they were tried."""
        return [key for key, _ in self.budgets]

    @property
    def reasons(self) -> dict[str, str]:
        """The reason of each dead letter."""
        return {message.message_id: error.reason for message, error in self.letters.letters}


def test_no_picture_is_started_that_would_probably_not_be_finished():
    """With less time left than half as much again as the costliest picture took, the rest goes back at once."""
    bench = Bench(seconds={"a": 20, "b": 40})
    assert bench.run(*(message(key, message_id=key) for key in "abcd")) == ["c", "d"]
    assert bench.order == ["a", "b"]
    assert bench.queue.postponed == {"c": 0, "d": 5}


def test_a_retry_waits_longer_each_time():
    """Each attempt multiplies what the next one waits at most; all of a batch are put off together."""
    bench = Bench(outcomes={"a": Throttled("slow"), "b": Conflict("lost")})
    messages = (message("a", message_id="a"), message("b", message_id="b", receive_count=3))
    assert sorted(bench.run(*messages)) == ["a", "b"]
    assert bench.queue.postponed == {"a": 7, "b": 120}


@pytest.mark.parametrize("failure", [ServiceUnavailable("no queue"), RuntimeError("bug")])
def test_a_queue_that_fails_changes_no_outcome(failure, capsys):
    """What could not be deleted early or put off is told, and the report stays as it is."""
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


def test_messages_that_the_queue_refuses_are_told(capsys):
    """SQS answers 200 with a list of what it did not do; the ids are in the log."""
    bench = Bench(outcomes={"a": Throttled("slow")})
    bench.queue.refused = ["a"]
    assert bench.run(message("a", message_id="a")) == ["a"]
    assert lines(capsys)[-1] == {"event": "messages.not-postponed", "request_id": "request-1", "message_ids": ["a"]}


def test_suspects_come_last_apart_and_after_the_others_are_deleted():
    """Who was received before waits until nobody else can be harmed, and never runs in this process."""
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
    """Both hints are older than the one look at the source, so one look answers both."""
    bench = Bench(outcomes={"b": Truncated("cut")})
    assert bench.run(*(message(key, message_id=str(number)) for number, key in enumerate("abab"))) == []
    assert bench.order == ["a", "b"]
    assert bench.reasons == {"1": "truncated", "3": "truncated"}


def test_a_suspect_that_hangs_keeps_no_other_from_being_done():
    """Every suspect is first tried for a share of the time; who needs more waits until the others are done."""
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


def test_the_last_attempt_goes_before_the_fresh_ones_and_apart():
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
def test_no_picture_is_given_up_for_its_neighbours_slowness(receive_count):
    """Nine neighbours that take forever: a good picture on its last attempt has its share of the time, and is done."""
    bench = Bench(seconds=dict.fromkeys("abcdefghi", 1000000000.0 if receive_count == 5 else 40) | {"good": 5})
    slow = [message(key, message_id=key, receive_count=receive_count) for key in "abcdefghi"]
    bench.run(*slow, message("good", message_id="good", receive_count=5))
    assert "good" in bench.order
    assert "good" not in bench.reasons
    assert set(bench.reasons.values()) <= {"out-of-time"}


def test_what_quick_ones_leave_of_their_share_is_for_the_slow_one():
    """A picture that hangs among nine good ones, all on their last attempt: it has a verdict, and they are done."""
    bench = Bench(seconds={"hangs": 1e9} | dict.fromkeys("abcdefghi", 0.1))
    assert bench.run(*(message(key, message_id=key, receive_count=5) for key in ("hangs", *"abcdefghi"))) == []
    assert bench.reasons == {"hangs": "decoder-timeout"}


def test_a_share_of_the_time_is_no_verdict_even_on_the_last_attempt():
    """Two that would take forever, on their last attempt: the dead letters say what there was too little of."""
    bench = Bench(seconds={"a": 1e9, "b": 1e9, "c": 1e9})
    assert bench.run(*(message(key, message_id=key, receive_count=5) for key in "abc")) == []
    assert bench.reasons == dict.fromkeys("abc", "out-of-time")


def test_slow_suspects_get_their_turn_one_after_the_other():
    """Eight good pictures of 40 s each that once came back together: one is done, the others come back in_child."""
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


WAIT = 30.0


class Overlapped:
    """A batch of keys that overlap, whose reconcile makes a `request`, renders, and makes another one."""

    def __init__(self, request=lambda _key: None, render=lambda _key: None, exclusive=()) -> None:
        self.request, self.render, self.exclusive = request, render, exclusive
        self.time, self.letters = StoppedClock(), MemoryDeadLetters()
        self.budgets: list[tuple[str, Budget]] = []
        self.committed: list[str] = []

    def reconcile(self, key: str, budget: Budget) -> Reconciled:
        """Request, render, commit."""
        self.budgets.append((key, budget))
        self.request(key)
        if budget.reservation:
            if key in self.exclusive:
                raise NeedsExclusive
            with budget.reservation.render_slot():
                self.render(key)
        self.request(key)
        self.committed.append(key)
        return Reconciled(READY)

    def run(self, *messages: Message) -> list[str]:
        """Return the ids of the messages to retry."""
        handle = batch(self.reconcile, letters=self.letters, overlap=Overlap(10, 100))
        report = handle(messages, "request-1", self.time)
        return [failure["itemIdentifier"] for failure in report["batchItemFailures"]]


def test_the_requests_of_fresh_pictures_are_under_way_together():
    """Before the rendering and after it: each of four waits for the others, both times."""
    barrier = threading.Barrier(4, timeout=WAIT)
    overlapped = Overlapped(request=lambda _key: barrier.wait())
    assert overlapped.run(*(message(key, message_id=key) for key in "abcd")) == []
    assert sorted(overlapped.committed) == ["a", "b", "c", "d"]


def test_a_picture_is_committed_as_soon_as_it_is_rendered():
    """It waits for no neighbour: a worker that is killed in its last picture has committed all others."""
    others = threading.Event()

    def render(key):
        if key == "last":
            assert others.wait(WAIT)

    def request(key):
        if len(overlapped.committed) == 8:
            others.set()

    overlapped = Overlapped(request=request, render=render)
    committed_before = overlapped.committed
    assert overlapped.run(*(message(key, message_id=key) for key in (*"abcdefghi", "last"))) == []
    assert committed_before[-1] == "last"


def test_a_single_fresh_picture_and_suspects_are_alone():
    """There is nothing to overlap with; and suspects have all the memory to themselves, one after the other."""
    overlapped = Overlapped()
    messages = [message("fresh", message_id="m1"), *(message(key, message_id=key, receive_count=2) for key in "ab")]
    assert overlapped.run(*messages) == []
    alone = [(key, budget.reservation) for key, budget in overlapped.budgets]
    assert alone == [("fresh", None), ("a", None), ("b", None)]


def test_a_picture_that_needs_all_of_the_memory_is_handled_after_the_others():
    """A picture too large to be beside others is no reject and no retry: it is done in the same batch, alone."""
    overlapped = Overlapped(exclusive="b")
    assert overlapped.run(*(message(key, message_id=key) for key in "abc")) == []
    assert [(key, budget.reservation is None) for key, budget in overlapped.budgets][3:] == [("b", True)]
    assert sorted(overlapped.committed[:2]) == ["a", "c"]
    assert overlapped.committed[2] == "b"


def test_no_overlapped_picture_suffers_for_its_neighbour():
    """One rejected, one to be tried again, one a bug, one good: each its own outcome."""
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
