from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.worker.fakes import MemoryDeadLetters, MemoryQueue, MemoryTopic, StoppedClock
from worker.backoff import Backoff
from worker.batch import Batch
from worker.errors import Conflict, DecoderTimeout, OutOfTime, ServiceUnavailable, Throttled, TooLarge, Truncated
from worker.events import event_body
from worker.lanes import Crowded, Lanes
from worker.manifest import Manifest, SourceEntry
from worker.message import Message
from worker.reconcile import READY, Reconciled

if TYPE_CHECKING:
    from worker.reconcile import Steps
    from worker.renderer import Trial

DAY = 86_400.0
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def message(*keys: str, message_id: str = "m1", receive_count: int = 1) -> Message:
    """Return a delivery that hints at `keys`."""
    return Message(message_id, event_body("pictures", *keys), receive_count)


def manifest(key: str) -> Manifest:
    """Return what is told of a picture that is ready."""
    return Manifest.ready(SourceEntry("pictures", key, "e", "v1", 1), "r", NOON, (), ())


def run(outcomes: dict[str, Exception], *messages: Message, dead_letters: MemoryDeadLetters | None = None):
    """Run a batch where reconciling a key raises its outcome; return failed ids and dead letters."""

    def reconcile(key: str, trial: Trial) -> Steps:
        if key in outcomes:
            raise outcomes[key]
        yield manifest(key)
        return Reconciled(READY)

    letters = dead_letters or MemoryDeadLetters()
    report = batch(reconcile, letters=letters)(messages, "request-1", StoppedClock())
    return [failure["itemIdentifier"] for failure in report["batchItemFailures"]], letters.letters


def batch(
    reconcile,
    *,
    letters: MemoryDeadLetters | None = None,
    queue: MemoryQueue | None = None,
    topic: MemoryTopic | None = None,
    lanes: Lanes | None = None,
) -> Batch:
    """Return a batch that gives up on the fifth attempt, and delays by half of what it might."""
    return Batch(
        bucket="pictures",
        reconcile=reconcile,
        publish=(topic or MemoryTopic()).publish,
        dead_letters=letters or MemoryDeadLetters(),
        queue=queue or MemoryQueue(),
        backoff=Backoff(retention=DAY, now=lambda: 0.0, random=lambda: 0.5),
        max_receive_count=5,
        lanes=lanes,
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
        self.topic = MemoryTopic()
        self.committed: list[str] = []
        self.trials: list[tuple[str, Trial]] = []
        self.deleted_before: dict[str, list[str]] = {}

    def reconcile(self, key: str, trial: Trial) -> Steps:
        """Take as long as the key needs; apart, no longer than the trial allows."""
        self.trials.append((key, trial))
        self.deleted_before.setdefault(key, list(self.queue.deleted))
        needed = self.seconds.get(key, 0)
        self.clock.left -= min(needed, trial.seconds) if trial.apart else needed
        if trial.apart and needed > trial.seconds:
            raise DecoderTimeout("slow") if trial.conclusive else OutOfTime("slow")
        if key in self.outcomes:
            raise self.outcomes[key]
        yield manifest(key)
        self.committed.append(key)
        return Reconciled(READY)

    def run(self, *messages: Message) -> list[str]:
        """Return the ids of the messages to retry."""
        handle = batch(self.reconcile, letters=self.letters, queue=self.queue, topic=self.topic)
        report = handle(messages, "request-1", self.clock)
        return [failure["itemIdentifier"] for failure in report["batchItemFailures"]]

    @property
    def order(self) -> list[str]:
        """The keys as they were tried."""
        return [key for key, _ in self.trials]

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
    assert [trial.apart for _, trial in bench.trials] == [False, True]
    assert bench.deleted_before["a"] == ["b"]


def test_a_fresh_message_about_a_suspect_s_key_is_a_suspect():
    """A duplicate of the message whose picture ended the process does not end this one."""
    bench = Bench()
    assert bench.run(message("a", message_id="m1"), message("a", message_id="m2", receive_count=2)) == []
    assert [(key, trial.apart) for key, trial in bench.trials] == [("a", True)]


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
    assert [trial.apart for _, trial in bench.trials] == [True, True, False]


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
    """Eight good pictures of 40 s each that once came back together: one is done, the others come back apart."""
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


def test_a_batch_is_told_of_in_one_request():
    """Ten pictures, one request; nobody is committed before it is told."""
    bench = Bench()
    keys = [f"{number}.jpg" for number in range(10)]
    assert bench.run(*(message(key, message_id=key) for key in keys)) == []
    assert bench.topic.requests == [keys]
    assert bench.committed == keys


@pytest.mark.parametrize("receive_count", [1, 2])
def test_a_large_batch_is_told_of_by_tens(receive_count):
    """No more than ten pictures wait for each other: what is told is committed, and nothing of it is at stake any more."""
    bench = Bench()
    messages = [message(f"{number}", message_id=f"{number}", receive_count=receive_count) for number in range(25)]
    assert bench.run(*messages) == []
    assert [len(keys) for keys in bench.topic.requests] == [10, 10, 5]
    assert len(bench.committed) == 25


def test_what_the_topic_does_not_take_is_a_retry_of_its_own():
    """One message of a batch fails: its picture is not committed, and its record alone comes back."""
    bench = Bench()
    bench.topic.refusing = {"b": ServiceUnavailable("InternalError")}
    assert bench.run(*(message(key, message_id=key) for key in "abc")) == ["b"]
    assert bench.committed == ["a", "c"]


@pytest.mark.parametrize("failure", [ServiceUnavailable("no topic"), RuntimeError("bug")])
def test_a_topic_that_is_down_makes_every_record_a_retry(failure):
    """Nobody is told, so nothing is committed, rejects neither: silence is no outcome."""
    bench = Bench()
    bench.topic.failing = failure
    assert bench.run(*(message(key, message_id=key) for key in "abc")) == ["a", "b", "c"]
    assert bench.committed == []


def test_nothing_to_tell_is_no_request():
    """A batch of what is done, rejected or tried again without anything to tell does not ask the topic."""
    bench = Bench(outcomes={"a": Throttled("slow"), "b": Truncated("cut")})
    bench.run(message("a", message_id="a"), message("b", message_id="b"))
    assert bench.topic.requests == []


def test_who_is_overtaken_while_it_is_told_tells_again():
    """A picture that changed between the telling and the commit has something else to tell, within the same batch."""

    def reconcile(key: str, trial: Trial) -> Steps:
        yield manifest(key)
        yield manifest(key)
        return Reconciled(READY)

    topic = MemoryTopic()
    report = batch(reconcile, topic=topic)([message("a"), message("b", message_id="m2")], "request-1", StoppedClock())
    assert report == {"batchItemFailures": []}
    assert topic.requests == [["a", "b"], ["a", "b"]]


def test_the_last_attempts_are_settled_before_a_fresh_one_can_end_the_process():
    """What is on its last attempt is told of and settled first, and waits for no fresh neighbour."""
    bench = Bench()
    bench.run(message("fresh", message_id="m1"), message("last", message_id="m2", receive_count=5))
    assert bench.topic.requests == [["last"], ["fresh"]]


WAIT = 30.0


class SideBySide:
    """A batch of keys in lanes, whose reconcile makes `request`s and takes turns."""

    def __init__(self, request=lambda _key: None, turn=lambda _key: None, crowded=()) -> None:
        self.request, self.turn, self.crowded = request, turn, crowded
        self.topic, self.time = MemoryTopic(), StoppedClock()
        self.trials: list[tuple[str, Trial]] = []
        self.committed: list[str] = []

    def reconcile(self, key: str, trial: Trial) -> Steps:
        """Request, render, tell, commit."""
        self.trials.append((key, trial))
        self.request(key)
        if trial.lane:
            if key in self.crowded:
                raise Crowded
            trial.lane.in_turn(lambda: self.turn(key))
        yield manifest(key)
        self.request(key)
        self.committed.append(key)
        return Reconciled(READY)

    def run(self, *messages: Message) -> list[str]:
        """Return the ids of the messages to retry."""
        handle = batch(self.reconcile, topic=self.topic, lanes=Lanes(10, 100))
        report = handle(messages, "request-1", self.time)
        return [failure["itemIdentifier"] for failure in report["batchItemFailures"]]


def test_the_requests_of_fresh_pictures_are_under_way_together():
    """Before the rendering and after the telling: each of four waits for the others, both times."""
    barrier = threading.Barrier(4, timeout=WAIT)
    beside = SideBySide(request=lambda _key: barrier.wait())
    assert beside.run(*(message(key, message_id=key) for key in "abcd")) == []
    assert [sorted(keys) for keys in beside.topic.requests] == [["a", "b", "c", "d"]]
    assert sorted(beside.committed) == ["a", "b", "c", "d"]


def test_a_single_fresh_picture_and_suspects_are_alone():
    """There is nobody to be beside; and suspects have all the memory to themselves, one after the other."""
    beside = SideBySide()
    messages = [message("fresh", message_id="m1"), *(message(key, message_id=key, receive_count=2) for key in "ab")]
    assert beside.run(*messages) == []
    assert [(key, trial.lane) for key, trial in beside.trials] == [("fresh", None), ("a", None), ("b", None)]


def test_who_has_to_be_alone_is_handled_after_the_others():
    """A picture too large to be beside others is no reject and no retry: it is done in the same batch."""
    beside = SideBySide(crowded="b")
    assert beside.run(*(message(key, message_id=key) for key in "abc")) == []
    assert [(key, trial.lane is None) for key, trial in beside.trials][3:] == [("b", True)]
    assert sorted(beside.committed) == ["a", "b", "c"]


def test_beside_others_too_no_picture_suffers_for_its_neighbour():
    """One rejected, one to be tried again, one a bug, one that nobody could be told of, one good: each its own outcome."""
    wrong = {"a": Truncated("cut"), "b": Throttled("slow"), "c": ZeroDivisionError("oops")}

    def turn(key):
        if key in wrong:
            raise wrong[key]

    beside = SideBySide(turn=turn)
    beside.topic.refusing = {"d": ServiceUnavailable("InternalError")}
    assert sorted(beside.run(*(message(key, message_id=key) for key in "abcde"))) == ["b", "c", "d"]
    assert beside.committed == ["e"]


def test_beside_others_too_no_picture_is_started_that_would_probably_not_be_finished(capsys):
    """With less time left than half as much again as the costliest picture took, the rest goes back unrendered."""
    beside = SideBySide()
    rendered = []

    def turn(key):
        rendered.append(key)
        beside.time.left -= 40

    beside.turn = turn
    retried = beside.run(*(message(key, message_id=key) for key in "abcd"))
    assert len(rendered) == 1
    assert set(retried) == set("abcd") - set(rendered)
    assert {line.get("reason") for line in lines(capsys)} == {None, "out-of-time"}
