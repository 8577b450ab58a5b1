from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.queues.letter import Letter
from ops.queues.queue import Queue
from tests.ops.support.fakes import BUCKET, EPOCH, MemorySqs, entry, letter, queues
from worker.contracts.attributes import MAX_BYTES
from worker.contracts.events import event_body
from worker.queue.message import Message


def test_a_letter_of_the_worker_says_everything():
    """Reason, detail, attempts, when it failed and under which id the log knows it."""
    read = letter(
        "cats/tom.jpg",
        "truncated",
        detail="cut off",
        attempts="2",
        failed_at="2026-11-24T04:00:00Z",
        original_message_id="m-1",
    )
    assert (read.reason, read.text("detail"), read.number("attempts")) == ("truncated", "cut off", 2)
    assert read.failed_at == datetime(2026, 11, 24, 4, tzinfo=UTC)
    assert read.original_id == "m-1"
    assert read.keys(BUCKET) == ("cats/tom.jpg",)
    assert read.redrives == 0


def test_a_letter_that_sqs_moved_by_itself_has_no_reason():
    """What is not there is taken from the message: its own id, and when it was sent."""
    read = letter(reason=None)
    assert read.reason is None
    assert read.original_id == read.id
    assert read.failed_at == read.sent_at == datetime.fromtimestamp(EPOCH, UTC)


BY_EVENT_BRIDGE = {
    "RULE_ARN": "arn:aws:events:eu-central-1:1:rule/r",
    "TARGET_ARN": "arn:aws:sqs:eu-central-1:1:q",
    "ERROR_CODE": "NO_PERMISSIONS",
    "ERROR_MESSAGE": "Access denied.",
}


def left_by_event_bridge(reason=None, names=tuple(BY_EVENT_BRIDGE), **others):
    """Return a letter with attributes of EventBridge's, those of `names`, besides the worker's."""
    read = letter("a.jpg", reason, **others)
    added = {name: {"DataType": "String", "StringValue": BY_EVENT_BRIDGE[name]} for name in names}
    return replace(read, attributes={**read.attributes, **added})


def test_a_letter_that_eventbridge_left_says_why():
    """The worker has never seen it; what EventBridge wrote on it is its detail, however little that is."""
    read = left_by_event_bridge()
    assert read.reason == "undelivered"
    assert read.detail == (
        "EventBridge could not send it to arn:aws:sqs:eu-central-1:1:q for the rule arn:aws:events:eu-central-1:1:rule/r:"
        " NO_PERMISSIONS: Access denied."
    )
    assert "it does not say why" in (left_by_event_bridge(names=["RULE_ARN"]).detail or "")


def test_a_letter_that_eventbridge_left_and_that_was_sent_back_is_one_of_sqs():
    """It has been in the queue since, and keeps its attributes: the worker did not get to reply, or wrote a letter of its own."""
    again = left_by_event_bridge(redrives="1")
    assert (again.reason, again.detail) == (None, None)
    assert left_by_event_bridge("throttled", detail="Slow.").detail == "Slow."


@pytest.mark.parametrize("wrong", ["", "yesterday", "-"])
def test_a_moment_that_is_none_is_when_it_was_sent(wrong):
    """A hand-made letter breaks no list."""
    read = letter(failed_at=wrong)
    assert read.failed_at == read.sent_at


@pytest.mark.parametrize("body", ["hello", "{}", "[]", event_body("another", "a.jpg"), '{"Event": "s3:TestEvent"}'])
def test_a_body_that_the_worker_would_not_take_names_no_key(body):
    """It is listed all the same."""
    sqs = MemorySqs()
    sqs.put("https://q", {"MessageBody": body})
    (read,) = Queue(queues(sqs)[0].clients, "https://q", "q").receive(hide=1, wait=0)
    assert read.keys(BUCKET) == ()


def test_the_etag_is_the_one_of_s3_s_own_event():
    """The version that the letter is about; other senders do not say."""
    body = json.dumps(
        {
            "Records": [
                {"s3": {"bucket": {"name": BUCKET}, "object": {"key": "a+b.jpg", "eTag": "old"}}},
                {"s3": {"bucket": {"name": BUCKET}, "object": {"key": "a+b.jpg", "eTag": "new"}}},
            ]
        }
    )
    assert Letter("i", body, {}, datetime.now(UTC)).etag_of("a b.jpg") == "new"
    assert letter("a.jpg").etag_of("a.jpg") is None


def test_what_is_redriven_is_what_the_worker_counts_on():
    """The worker reads `redrives` of a redriven message, and so its next dead letter counts on."""
    entry_ = letter(redrives="2").redrive_entry()
    attributes = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
        for name, value in entry_["MessageAttributes"].items()
    }
    record = {
        "messageId": "m",
        "receiptHandle": "r",
        "body": entry_["MessageBody"],
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1790000000000"},
        "messageAttributes": attributes,
    }
    assert Message.from_record(record).redrives == 3


def test_ten_attributes_without_a_count_cannot_be_counted():
    """SQS takes ten attributes at most: such a letter stays, rather than lose one of them or its count."""
    nine = {f"x{number}": str(number) for number in range(8)}
    assert letter("a.jpg", "throttled", **nine).has_room_for_count
    assert not letter("a.jpg", "throttled", **nine, x8="8").has_room_for_count
    assert letter("a.jpg", "throttled", **nine, redrives="1").has_room_for_count


@pytest.mark.parametrize(("spare", "has_room"), [(0, True), (-1, False)])
def test_a_letter_of_nearly_a_mebibyte_has_no_room_for_the_count(spare, has_room):
    """SQS counts names, types and values of attributes besides the body."""
    attributes = {"reason": {"DataType": "String", "StringValue": "truncated"}}
    taken = len("reason-String-truncated-redrives-Number-1".replace("-", ""))
    full = Letter("id", "x" * (MAX_BYTES - taken - spare), attributes, datetime.now(UTC))
    assert full.has_room_for_count is has_room


attribute_values = st.one_of(
    st.builds(lambda text: {"DataType": "String", "StringValue": text}, st.text(min_size=1)),
    st.builds(lambda number: {"DataType": "Number", "StringValue": str(number)}, st.integers()),
    st.builds(lambda data: {"DataType": "Binary", "BinaryValue": data}, st.binary(min_size=1)),
)


@given(
    body=st.text(min_size=1),
    attributes=st.dictionaries(st.text("abc-", min_size=1), attribute_values, max_size=10),
    trace=st.none() | st.text(min_size=1),
)
def test_the_form_in_a_file_is_lossless(body, attributes, trace):
    """Whatever a letter holds comes back from its line, byte for byte."""
    written = Letter("id-1", body, attributes, datetime.fromtimestamp(EPOCH, UTC), 4, trace)
    assert Letter.from_json(json.loads(json.dumps(written.to_json(), ensure_ascii=False))) == written


@pytest.mark.parametrize("document", [{}, [], "x", 3, None, {**letter().to_json(), "body": None}])
def test_another_document_is_no_letter(document):
    """It is refused with what is wrong, not with a traceback."""
    with pytest.raises(ValueError, match="not a dead letter of dlq export"):
        Letter.from_json(document)


def test_the_empty_lists_of_some_sqs_are_left_out():
    """Moto and others put empty lists beside the value, which SQS refuses when they are sent."""
    sqs = MemorySqs()
    sent = entry("a.jpg")
    sent["MessageAttributes"]["reason"]["StringListValues"] = []
    sqs.put("https://q", sent)
    clients = queues(sqs)[0].clients
    (read,) = Queue(clients, "https://q", "q").receive(hide=1, wait=0)
    assert read.redrive_entry()["MessageAttributes"]["reason"] == {"DataType": "String", "StringValue": "throttled"}
