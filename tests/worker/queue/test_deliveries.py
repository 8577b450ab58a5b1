from __future__ import annotations

import boto3
import pytest

from worker.contracts.errors import Unexpected
from worker.process.aws import impatient_client
from worker.queue.deliveries import Deliveries
from worker.queue.message import Message


@pytest.fixture
def url(aws):
    """Return the URL of a queue whose messages are hidden for an hour once received."""
    queue = boto3.client("sqs").create_queue(QueueName="queue", Attributes={"VisibilityTimeout": "3600"})
    return queue["QueueUrl"]


@pytest.fixture
def received(url):
    """Return twelve messages as received from the queue."""
    sqs = boto3.client("sqs")
    for number in range(12):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    batches = [sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"] for _ in range(2)]
    return [
        Message(each["MessageId"], each["Body"], 1, receipt_handle=each["ReceiptHandle"])
        for batch in batches
        for each in batch
    ]


def waiting(url) -> tuple[int, int]:
    """Return how many messages are visible and how many are hidden."""
    attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]), int(attributes["ApproximateNumberOfMessagesNotVisible"])


def test_more_messages_are_deleted_than_one_request_takes(url, received):
    """Twelve go in two requests, and none is left."""
    assert Deliveries(impatient_client("sqs"), url).delete(received) == []
    assert waiting(url) == (0, 0)


def test_messages_are_postponed_each_for_its_own_time(url, received):
    """A delay of nothing makes a message visible at once; the others stay hidden."""
    delays = [(message, 0 if index < 5 else 900) for index, message in enumerate(received)]
    assert Deliveries(impatient_client("sqs"), url).postpone(delays) == []
    assert waiting(url) == (5, 7)


def test_what_sqs_did_not_do_is_named(url, received):
    """An answer of 200 with a failure in it is read to the end: the ids of those that failed come back."""
    gone = Message("gone", "", 1, receipt_handle="no such handle")
    assert Deliveries(impatient_client("sqs"), url).postpone([*((m, 0) for m in received), (gone, 0)]) == ["gone"]
    assert waiting(url) == (12, 0)


def test_a_queue_that_is_not_there_is_an_error_of_ours(aws):
    """Whatever botocore says is translated."""
    with pytest.raises(Unexpected, match="sqs:DeleteMessage"):
        Deliveries(impatient_client("sqs"), "https://sqs.eu-west-1.amazonaws.com/123456789012/none").delete(
            [Message("m", "", 1, receipt_handle="r")]
        )
