"""The redrive, killed at every step: nothing is lost, and nothing is doubled outside of one named window."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from ops.errors import Busy, Misuse, Unanswered
from ops.hold import Hold
from ops.journal import Journal
from ops.journals import unfinished
from ops.pace import Pace
from ops.plan import Bounds, plan_of
from ops.queues import Queue
from ops.record import read
from ops.redrive import Redrive
from tests.ops.fakes import BUCKET, DEAD_LETTERS, QUEUE, Death, Killed, MemoryClients, MemorySqs, entry, fill, queues

BOUNDS = Bounds(limit=None, max_redrives=3, canary=0, rate=None)
HEAD = {"dead_letter_queue_url": DEAD_LETTERS, "queue_url": QUEUE, "stack": "--stack test", "at": "now"}


class DyingJournal(Journal):
    """A journal whose process may be killed before a line is written, after it, or with half of it written."""

    death: Death

    def _append(self, line):
        self.death.before(f"journal {line['event']}")
        if len(self.death.steps) - 1 == self.death.at and self.death.when == "torn":
            self._file.write(b'{"event": "se')
            self.death.die()
        super()._append(line)
        self.death.after()


def redrive(sqs, path, death, *, threads=1, pause=lambda _seconds: None):
    """Plan and redrive everything, or resume what an earlier run left; return the tally."""
    DyingJournal.death = death
    dead_letters, queue = queues(sqs)
    with Hold(dead_letters, keep=True, threads=threads, clock=lambda: sqs.clock) as hold:
        if path.exists() and read_if_there(path):
            journal = DyingJournal.resume(path)
            ids = journal.record.open
        else:
            path.unlink(missing_ok=True)
            plan = plan_of(hold.sweep(), hold.ids, BUCKET, BOUNDS)
            journal = DyingJournal.start(path, HEAD, plan.chosen)
            ids = [letter.id for letter in plan.chosen]
        with closing(journal):
            tally = Redrive(hold, queue, journal, Pace(None), threads=threads, pause=pause).run(ids)
            if not tally.undeleted:
                journal.finish()
            return tally


def read_if_there(path):
    """Return the record, None where the kill came before the journal's first line was complete."""
    try:
        return read(path)
    except Misuse:
        return None


def survive(sqs, path, deaths):
    """Redrive, dying those deaths one after the other, until a run ends; return the steps of each."""
    lives = []
    for death in [*deaths, Death()]:
        sqs.death = death
        try:
            redrive(sqs, path, death)
        except Killed:
            sqs.clock += 24 * 3600  # What the dead run hid is visible again.
        lives.append(death.steps)
        sqs.death = Death()
        record = read_if_there(path) if path.exists() else None
        if record and record.is_finished:
            break
    return lives


def is_in_window(death):
    """Whether the kill came after AWS had taken a batch and before the journal had it."""
    step = death.steps[-1]
    return (step, death.when) in {("send", "after"), ("journal sent", "before"), ("journal sent", "torn")}


def steps_of_a_life(tmp_path, letters):
    """Return every step of a redrive that nobody kills."""
    sqs = MemorySqs()
    fill(sqs, letters)
    return survive(sqs, tmp_path / "dry.jsonl", [])[0]


def test_a_kill_at_any_step_loses_nothing_and_doubles_only_in_the_window(tmp_path):
    """At every request and every line of the journal, before, after and in the middle of it: resumed, all is well."""
    steps = steps_of_a_life(tmp_path, 23)
    assert Counter(steps)["send"] == 3
    for at, step in enumerate(steps):
        for when in ("before", "after", "torn") if step.startswith("journal") else ("before", "after"):
            sqs, death = MemorySqs(), Death(at, when)
            bodies = fill(sqs, 23)
            survive(sqs, tmp_path / f"{at}-{when}.jsonl", [death])
            assert death.is_dead, (at, when)
            arrived = Counter(sqs.bodies(QUEUE))
            assert set(arrived) == set(bodies), f"lost at {step}, {when}"
            assert sqs.bodies(DEAD_LETTERS) == [], f"left at {step}, {when}"
            doubled = sum(count - 1 for count in arrived.values())
            assert doubled == (min(10, doubled) if is_in_window(death) else 0), f"doubled at {step}, {when}"


def test_a_kill_in_the_window_doubles_that_one_batch(tmp_path):
    """The window is real: nobody can know whether the batch was taken, and losing it would be worse."""
    at = steps_of_a_life(tmp_path, 23).index("send")
    sqs = MemorySqs()
    fill(sqs, 23)
    survive(sqs, tmp_path / "window.jsonl", [Death(at, "after")])
    assert sum(count - 1 for count in Counter(sqs.bodies(QUEUE)).values()) == 10


@settings(max_examples=60, deadline=None)
@given(
    deaths=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["before", "after", "torn"])), min_size=1, max_size=5
    ),
    letters=st.integers(1, 25),
)
def test_whoever_is_killed_again_and_again_ends_with_everything_sent(tmp_path_factory, deaths, letters):
    """Kills of the resumed runs too: each body arrives, none stays, and doubles come of the window only."""
    sqs = MemorySqs()
    bodies = fill(sqs, letters)
    dying = [Death(at, when) for at, when in deaths]
    survive(sqs, tmp_path_factory.mktemp("kills") / "journal.jsonl", dying)
    arrived = Counter(sqs.bodies(QUEUE))
    assert set(arrived) == set(bodies)
    assert sqs.bodies(DEAD_LETTERS) == []
    windows = sum(death.is_dead and is_in_window(death) for death in dying)
    assert sum(count - 1 for count in arrived.values()) <= 10 * windows


class DyingMoto:
    """moto's SQS, with the same deaths."""

    def __init__(self, client, death):
        self._client = client
        self._death = death

    def __getattr__(self, action):
        def request(**arguments):
            self._death.before(action)
            if action == "receive_message":
                arguments["WaitTimeSeconds"] = 0  # moto would have us wait for nothing, and shows all at once.
            answer = getattr(self._client, action)(**arguments)
            self._death.after()
            return answer

        return request


@pytest.fixture
def moto_queues(aws):
    """Two queues of moto's, and a function that makes everything visible as time would."""
    client = boto3.client("sqs")
    urls = [client.create_queue(QueueName=name)["QueueUrl"] for name in ("dead-letters", "queue")]

    def age():
        for queue in sqs_backends[DEFAULT_ACCOUNT_ID][client.meta.region_name].queues.values():
            for message in queue._messages:
                message.change_visibility(0)

    return client, urls, age


def bodies_in(client, url):
    """Return all bodies of a queue of moto's."""
    bodies = []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
    return bodies


@pytest.mark.parametrize("at", range(1, 30, 4))
@pytest.mark.parametrize("when", ["before", "after"])
def test_moto_s_sqs_agrees(moto_queues, tmp_path, at, when):
    """The same on an SQS that somebody else wrote: killed at every fourth step, resumed, nothing is lost."""
    client, (dead_url, queue_url), age = moto_queues
    bodies = [entry(f"{number}.jpg")["MessageBody"] for number in range(12)]
    for body in bodies:
        client.send_message(QueueUrl=dead_url, MessageBody=body, MessageAttributes=entry("x")["MessageAttributes"])
    death = Death(at, when)
    for life in (death, Death()):
        DyingJournal.death = life
        clients = MemoryClients(DyingMoto(client, life))
        try:
            _redrive_on_moto(clients, dead_url, queue_url, tmp_path / "journal.jsonl")
            break
        except Killed:
            age()
    arrived = Counter(bodies_in(client, queue_url))
    assert set(arrived) == set(bodies)
    age()
    assert bodies_in(client, dead_url) == []
    doubled = sum(count - 1 for count in arrived.values())
    assert doubled == 0 or death.steps[-1] in {"send_message_batch", "journal sent"}


def _redrive_on_moto(clients, dead_url, queue_url, path):
    with Hold(Queue(clients, dead_url, "dead-letter queue"), keep=True, threads=1) as hold:
        if path.exists() and read_if_there(path):
            journal = DyingJournal.resume(path)
            ids = journal.record.open
        else:
            path.unlink(missing_ok=True)
            plan = plan_of(hold.sweep(), hold.ids, BUCKET, BOUNDS)
            journal = DyingJournal.start(path, HEAD, plan.chosen)
            ids = list(journal.record.planned)
        with closing(journal):
            Redrive(hold, Queue(clients, queue_url, "queue"), journal, Pace(None), threads=1).run(ids)


def test_a_letter_goes_back_with_everything_and_counts_on(tmp_path):
    """Body, attributes of every type and the trace header are as they were; only `redrives` is one up."""
    sqs = MemorySqs()
    sent = entry("a.jpg", "throttled", redrives="2", detail="slow down")
    sent["MessageAttributes"]["blob"] = {"DataType": "Binary.png", "BinaryValue": b"\x00\xff"}
    sent["MessageSystemAttributes"] = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}}
    sqs.put(DEAD_LETTERS, sent)
    redrive(sqs, tmp_path / "journal.jsonl", Death())
    (arrived,) = sqs.messages(QUEUE)
    assert arrived.body == sent["MessageBody"]
    assert arrived.attributes == {
        **sent["MessageAttributes"],
        "redrives": {"DataType": "Number", "StringValue": "3"},
    }
    assert arrived.system == sent["MessageSystemAttributes"]


def test_a_letter_that_is_refused_for_good_stays_a_dead_letter(tmp_path):
    """What AWS will never take is not deleted, is not tried again, and is visible when the command ends."""
    sqs = MemorySqs()
    fill(sqs, 15)
    bad = sqs.bodies(DEAD_LETTERS)[3]

    def refuse(action, sent):
        is_bad = action == "send" and sent["MessageBody"] == bad
        return {"Code": "InvalidMessageContents", "Message": "No.", "SenderFault": True} if is_bad else None

    sqs.refuse = refuse
    tally = redrive(sqs, tmp_path / "journal.jsonl", Death())
    assert [str(failure) for failure in tally.refused.values()] == ["InvalidMessageContents: No."]
    assert sqs.bodies(DEAD_LETTERS) == [bad]
    assert sqs.hidden(DEAD_LETTERS) == 0
    assert bad not in sqs.bodies(QUEUE)
    assert len(sqs.bodies(QUEUE)) == 14


def test_what_sqs_could_not_take_this_time_is_sent_again(tmp_path):
    """A batch answers for each message: those that failed are sent again, and only those."""
    sqs = MemorySqs()
    pauses: list[float] = []
    bodies = fill(sqs, 10)
    refused: Counter[str] = Counter()

    def refuse(action, sent):
        if action == "send" and sent["MessageBody"] in bodies[:4] and refused[sent["MessageBody"]] < 2:
            refused[sent["MessageBody"]] += 1
            return {"Code": "InternalError", "Message": "", "SenderFault": False}
        return None

    sqs.refuse = refuse
    tally = redrive(sqs, tmp_path / "journal.jsonl", Death(), pause=pauses.append)
    assert Counter(sqs.bodies(QUEUE)) == Counter(bodies)
    assert sqs.bodies(DEAD_LETTERS) == []
    assert tally.is_clean
    assert len(pauses) == 2


def test_what_sqs_cannot_take_three_times_stays_a_dead_letter(tmp_path):
    """In the end it is given up, reported and given back; the others are done."""
    sqs = MemorySqs()
    fill(sqs, 10)
    sqs.refuse = lambda action, sent: {"Code": "InternalError"} if action == "send" and sent["Id"] == "0" else None
    tally = redrive(sqs, tmp_path / "journal.jsonl", Death())
    assert len(tally.refused) == 1
    assert len(sqs.bodies(DEAD_LETTERS)) == 1
    assert sqs.hidden(DEAD_LETTERS) == 0
    assert len(sqs.bodies(QUEUE)) == 9


def test_what_was_sent_and_could_not_be_deleted_is_only_deleted_later(tmp_path):
    """The `Failed` list of a deletion is not ignored: resumed, those letters are deleted and not sent again."""
    sqs, path = MemorySqs(), tmp_path / "journal.jsonl"
    fill(sqs, 10)
    sqs.refuse = lambda action, sent: {"Code": "InternalError"} if action == "delete" and sent["Id"] == "0" else None
    tally = redrive(sqs, path, Death())
    assert len(tally.undeleted) == 1
    assert read(path).in_limbo
    sqs.refuse = lambda *_: None
    redrive(sqs, path, Death())
    assert sqs.bodies(DEAD_LETTERS) == []
    assert len(sqs.bodies(QUEUE)) == 10
    assert read(path).is_finished


def throttled(operation):
    """Return an answer that says that it was not done."""
    return ClientError({"Error": {"Code": "RequestThrottled", "Message": "Slow down."}}, operation)


def test_a_throttled_batch_is_sent_again(tmp_path):
    """AWS has answered that it took nothing, so nothing can be doubled."""
    sqs = MemorySqs()
    bodies = fill(sqs, 10)
    sqs.raising["send"] = [throttled("SendMessageBatch")]
    redrive(sqs, tmp_path / "journal.jsonl", Death())
    assert sqs.bodies(QUEUE) == bodies


def test_a_batch_throttled_three_times_ends_the_run_and_everything_stays(tmp_path):
    """The letters are dead letters still, visible at once, and the journal knows that none was sent."""
    sqs, path = MemorySqs(), tmp_path / "journal.jsonl"
    fill(sqs, 10)
    sqs.raising["send"] = [throttled("SendMessageBatch")] * 3
    with pytest.raises(Busy, match=r"Slow down\. Try again"):
        redrive(sqs, path, Death())
    assert len(sqs.bodies(DEAD_LETTERS)) == 10
    assert sqs.hidden(DEAD_LETTERS) == 0
    assert not read(path).in_limbo
    assert read(path).sent == set()


def test_a_batch_without_an_answer_is_not_sent_again_by_itself(tmp_path):
    """It may have been taken or not: the run ends, the letters stay, and the journal has none of them as sent."""
    sqs, path = MemorySqs(), tmp_path / "journal.jsonl"
    fill(sqs, 10)
    sqs.raising["send"] = [EndpointConnectionError(endpoint_url="https://sqs")]
    with pytest.raises(Unanswered):
        redrive(sqs, path, Death())
    assert sqs.requests.count("send") == 1
    assert read(path).sent == set()
    assert len(read(path).open) == 10
    assert len(sqs.bodies(DEAD_LETTERS)) == 10
    assert sqs.hidden(DEAD_LETTERS) == 0


def test_letters_that_come_later_are_left_alone(tmp_path, monkeypatch):
    """A redrive is bounded by what was there at the start: a letter that fails again at once is not sent for ever."""
    sqs = MemorySqs()
    fill(sqs, 10)
    put = sqs.put

    def fails_again(url, sent):
        put(url, sent)
        if url == QUEUE:
            put(DEAD_LETTERS, sent)

    monkeypatch.setattr(sqs, "put", fails_again)
    redrive(sqs, tmp_path / "journal.jsonl", Death())
    assert len(sqs.bodies(QUEUE)) == 10
    assert len(sqs.bodies(DEAD_LETTERS)) == 10


def test_large_letters_travel_in_small_batches(tmp_path):
    """A batch request has a limit on its bytes: ten large bodies do not fit into one."""
    sqs = MemorySqs()
    for number in range(6):
        sqs.put(DEAD_LETTERS, {"MessageBody": str(number) * 100_000})
    redrive(sqs, tmp_path / "journal.jsonl", Death())
    assert sqs.requests.count("send") == 3
    assert len(sqs.bodies(QUEUE)) == 6


def test_ten_thousand_letters_are_a_matter_of_seconds(tmp_path):
    """Ten a request and several at once: 3,000 requests, not 30,000."""
    sqs = MemorySqs()
    fill(sqs, 10_000)
    began = time.monotonic()
    redrive(sqs, tmp_path / "journal.jsonl", Death(), threads=8)
    assert time.monotonic() - began < 30
    assert len(sqs.bodies(QUEUE)) == 10_000
    assert sqs.bodies(DEAD_LETTERS) == []
    requests = Counter(sqs.requests)
    assert requests["send"] == requests["delete"] == 1000
    assert len(sqs.requests) < 3100


def test_a_rate_is_held(tmp_path):
    """At 50 messages a second, 40 messages take 0.6 s after the first ten: the clock decides, not luck."""
    now = 0.0
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    pace = Pace(50, clock=lambda: now, sleep=sleep)
    for _ in range(4):
        pace.wait(10)
    assert slept == pytest.approx([0, 0.2, 0.2, 0.2])


@dataclass
class Ordered(MemorySqs):
    """Notes when each batch was sent and deleted, among other things that happen."""

    order: list[str] = field(default_factory=list)

    def note(self, what, answer):
        self.order.append(what)
        return answer

    def send_message_batch(self, **request):
        return self.note("send", super().send_message_batch(**request))

    def delete_message_batch(self, **request):
        return self.note("delete", super().delete_message_batch(**request))


def test_every_line_of_the_journal_is_on_disk_before_the_next_request(tmp_path, monkeypatch):
    """The plan is fsynced before the first request, `sent` before the deletion, `deleted` after it."""
    sqs = Ordered()
    real_fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: sqs.note("fsync", real_fsync(descriptor)))
    fill(sqs, 3)
    redrive(sqs, tmp_path / "journal.jsonl", Death())
    at = sqs.order.index("send")
    assert sqs.order[at - 1 : at + 4] == ["fsync", "send", "fsync", "delete", "fsync"]


def test_a_journal_is_found_by_its_queue_until_it_is_finished(tmp_path):
    """A new redrive can see that an earlier one of the same stack was interrupted."""
    sqs = MemorySqs()
    fill(sqs, 12)
    path = tmp_path / "redrive-1.jsonl"
    death = Death(steps_of_a_life(tmp_path, 12).index("delete"))
    sqs.death = death
    with pytest.raises(Killed):
        redrive(sqs, path, death)
    assert unfinished(tmp_path, DEAD_LETTERS) == [path]
    assert read(path).in_limbo
    assert unfinished(tmp_path, QUEUE) == []
    sqs.death = Death()
    sqs.clock += 3600
    redrive(sqs, path, Death())
    assert unfinished(tmp_path, DEAD_LETTERS) == []


def test_a_journal_of_a_former_version_is_resumed(tmp_path):
    """It has lines that today's does not write, `sending` and `refused`: they change nothing, and it is finished."""
    sqs, path = MemorySqs(), tmp_path / "journal.jsonl"
    bodies = fill(sqs, 12)
    death = Death(steps_of_a_life(tmp_path, 12).index("delete"))
    sqs.death = death
    with pytest.raises(Killed):
        redrive(sqs, path, death)
    sqs.death = Death()
    sqs.clock += 3600
    today = read(path)
    head, *lines = path.read_text().splitlines()
    former = [json.dumps({"event": event, "ids": list(today.planned)}) for event in ("sending", "refused")]
    path.write_text("\n".join([head, former[0], *lines, former[1], ""]))
    assert read(path) == today
    redrive(sqs, path, Death())
    assert read(path).is_finished
    assert Counter(sqs.bodies(QUEUE)) == Counter(bodies)


@pytest.mark.parametrize("content", ["", "hello\n", "[]\n", '{"event": "redrive", "version": 99}\n', '{"event": 1}\n'])
def test_a_file_that_is_no_journal_is_one_sentence(tmp_path, content):
    """Whatever is named as a journal, nobody sees a traceback."""
    path = tmp_path / "journal.jsonl"
    path.write_text(content)
    with pytest.raises(Misuse, match="is no journal"):
        Journal.resume(path)


def test_a_journal_that_is_not_there_or_is_there_already_is_one_sentence(tmp_path):
    """Neither is overwritten nor made up."""
    path = tmp_path / "journal.jsonl"
    with pytest.raises(Misuse, match="cannot be read"):
        Journal.resume(path)
    path.touch()
    with pytest.raises(Misuse, match="cannot be written"):
        Journal.start(path, HEAD, ())
