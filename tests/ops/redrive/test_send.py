"""What a redrive does with a letter, and with each answer of SQS: sent again, given up, deleted later, left alone."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ops.queues.rate import RateLimit
from ops.redrive.journal_state import read
from ops.terminal.errors import Busy, Unanswered
from tests.ops.redrive.redrives import redrive
from tests.ops.support.fakes import DEAD_LETTERS, QUEUE, Death, MemorySqs, entry, fill


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
    report = redrive(sqs, tmp_path / "journal.jsonl", Death())
    assert [str(failure) for failure in report.refused.values()] == ["InvalidMessageContents: No."]
    assert sqs.bodies(DEAD_LETTERS) == [bad]
    assert sqs.hidden(DEAD_LETTERS) == 0
    assert bad not in sqs.bodies(QUEUE)
    assert len(sqs.bodies(QUEUE)) == 14


def test_one_letter_that_sqs_takes_in_no_batch_keeps_no_other_back(tmp_path, monkeypatch):
    """A batch that is refused as a whole is halved until the one is found: it stays, and all others go."""
    sqs = MemorySqs()
    bodies = fill(sqs, 25)
    bad, send = bodies[17], sqs.send_message_batch

    def refuse(**request):
        if any(sent["MessageBody"] == bad for sent in request["Entries"]):
            code = "AWS.SimpleQueueService.BatchRequestTooLong"
            raise ClientError({"Error": {"Code": code, "Message": "Too long."}}, "SendMessageBatch")
        return send(**request)

    monkeypatch.setattr(sqs, "send_message_batch", refuse)
    report = redrive(sqs, tmp_path / "journal.jsonl", Death())
    assert len(report.refused) == 1
    assert sqs.bodies(DEAD_LETTERS) == [bad]
    assert sorted(sqs.bodies(QUEUE)) == sorted(set(bodies) - {bad})
    assert sqs.hidden(DEAD_LETTERS) == 0


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
    report = redrive(sqs, tmp_path / "journal.jsonl", Death(), pause=pauses.append)
    assert Counter(sqs.bodies(QUEUE)) == Counter(bodies)
    assert sqs.bodies(DEAD_LETTERS) == []
    assert not report.needs_attention
    assert len(pauses) == 2


def test_what_sqs_cannot_take_three_times_stays_a_dead_letter(tmp_path):
    """In the end it is given up, reported and given back; the others are done."""
    sqs = MemorySqs()
    fill(sqs, 10)
    sqs.refuse = lambda action, sent: {"Code": "InternalError"} if action == "send" and sent["Id"] == "0" else None
    report = redrive(sqs, tmp_path / "journal.jsonl", Death())
    assert len(report.refused) == 1
    assert len(sqs.bodies(DEAD_LETTERS)) == 1
    assert sqs.hidden(DEAD_LETTERS) == 0
    assert len(sqs.bodies(QUEUE)) == 9


def test_what_was_sent_and_could_not_be_deleted_is_only_deleted_later(tmp_path):
    """The `Failed` list of a deletion is not ignored: resumed, those letters are deleted and not sent again."""
    sqs, path = MemorySqs(), tmp_path / "journal.jsonl"
    fill(sqs, 10)
    sqs.refuse = lambda action, sent: {"Code": "InternalError"} if action == "delete" and sent["Id"] == "0" else None
    report = redrive(sqs, path, Death())
    assert len(report.undeleted) == 1
    assert read(path).has_sent_but_undeleted
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
    assert not read(path).has_sent_but_undeleted
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

    rate_limit = RateLimit(50, clock=lambda: now, sleep=sleep)
    for _ in range(4):
        rate_limit.wait(10)
    assert slept == pytest.approx([0, 0.2, 0.2, 0.2])
