from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from tests.worker.conftest import REGION
from worker.completion import BATCH_BYTES, PAUSES, CompletionTopic, packed, prefix_of
from worker.errors import ServiceUnavailable, Throttled, TooLarge, Unexpected
from worker.manifest import Manifest, RenditionEntry, SourceEntry

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def source(key: str) -> SourceEntry:
    """Return the entry of a source."""
    return SourceEntry("pictures", key, "e", "v1", 1)


def ready(key: str, *names: str) -> Manifest:
    """Return the manifest of a picture with renditions of these names."""
    entries = [RenditionEntry(name, f"{name}/{key}.webp", 1, 1, 1, "image/webp") for name in names]
    return Manifest.ready(source(key), "r", NOON, entries, ())


def rejected(key: str) -> Manifest:
    """Return the manifest of a picture that is too large."""
    return Manifest.rejected(source(key), "r", NOON, TooLarge("huge"))


class Sns:
    """Answers each request with the failures that were laid out for it, by place; remembers what it was sent."""

    def __init__(self, *failures: dict[str, dict[str, Any]]) -> None:
        self.failures = list(failures)
        self.requests: list[list[dict[str, Any]]] = []

    def publish_batch(self, *, TopicArn, PublishBatchRequestEntries):  # noqa: N803 - SNS's names
        self.requests.append(PublishBatchRequestEntries)
        failures = self.failures.pop(0) if self.failures else {}
        return {"Successful": [], "Failed": [{"Id": id_, **failure} for id_, failure in failures.items()]}

    @property
    def ids(self) -> list[list[str]]:
        return [[entry["Id"] for entry in request] for request in self.requests]


def publish(sns: Sns, *manifests: Manifest):
    """Publish, and return what failed and how long was waited."""
    waited: list[float] = []
    return CompletionTopic(sns, "arn", waited.append).publish(manifests), waited


def attributes(*manifests: Manifest) -> list[dict[str, tuple[str, str]]]:
    """Return type and value of every attribute of each message."""
    sns = Sns()
    publish(sns, *manifests)
    return [
        {name: (value["DataType"], value["StringValue"]) for name, value in entry["MessageAttributes"].items()}
        for entry in sns.requests[0]
    ]


def test_a_message_is_the_manifest(aws):
    """SNS takes it as it is, and a queue that listens gets it with its attributes."""
    sns, sqs = boto3.client("sns", region_name=REGION), boto3.client("sqs", region_name=REGION)
    topic = sns.create_topic(Name="completion")["TopicArn"]
    url = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
    manifest = ready("cats/tom.jpg", "web")
    assert CompletionTopic(sns, topic).publish([manifest]) == {}
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == manifest.to_json()
    assert message["MessageAttributes"]["type"]["StringValue"] == "image.ready"


def test_the_attributes_are_what_a_filter_asks_for():
    """Type, folder and names of the renditions; what does not apply is missing, because SNS takes no empty text."""
    deep, flat, bad = attributes(
        ready("cats/tom/1.jpg", "thumbnail", "web"), ready("a.jpg", "web"), rejected("b/a.jpg")
    )
    assert deep == {
        "type": ("String", "image.ready"),
        "prefix": ("String", "cats/tom/"),
        "renditions": ("String.Array", '["thumbnail", "web"]'),
    }
    assert "prefix" not in flat
    assert bad == {"type": ("String", "image.rejected"), "prefix": ("String", "b/")}


@pytest.mark.parametrize(("key", "prefix"), [("a.jpg", ""), ("c/a.jpg", "c/"), ("/a.jpg", "/"), ("a//b/", "a//b/")])
def test_the_prefix_is_the_folder_with_its_slash(key, prefix):
    """So that a filter by prefix `cats/` has everything below that folder and nothing of `cats-and-dogs/`."""
    assert prefix_of(key) == prefix


def test_what_no_queue_takes_does_not_travel():
    """A key may have characters that SQS refuses: JSON writes them otherwise, an attribute has a stand-in."""
    sns = Sns()
    publish(sns, ready("bad\uffff\x0b/a.jpg", "web"))
    ((entry,),) = sns.requests
    assert json.loads(entry["Message"])["source"]["key"] == "bad\uffff\x0b/a.jpg"
    assert "\uffff" not in entry["Message"]
    assert entry["MessageAttributes"]["prefix"]["StringValue"] == "bad\ufffd\ufffd/"


def test_ten_go_in_one_request():
    """As few requests as possible: SNS takes ten messages at once."""
    sns = Sns()
    assert publish(sns, *(ready(f"{number}.jpg") for number in range(21))) == ({}, [])
    assert [len(request) for request in sns.requests] == [10, 10, 1]


def test_no_request_is_larger_than_sns_takes():
    """Manifests of long keys and many renditions need more than one request."""
    entries = [
        {
            "Id": str(number),
            "Message": "ä" * 40_000,
            "MessageAttributes": {"type": {"DataType": "String", "StringValue": "x"}},
        }
        for number in range(7)
    ]
    batches = list(packed(entries))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert 3 * (80_000 + len("typeStringx")) <= BATCH_BYTES < 4 * 80_000
    assert list(packed([])) == []


def test_what_sns_did_not_take_is_sent_again_and_nothing_else():
    """It answers 200 and says which; twice it is asked again, after a pause."""
    busy = {"Code": "InternalError", "Message": "try again", "SenderFault": False}
    sns = Sns({"1": busy, "2": busy}, {"2": busy})
    failed, waited = publish(sns, *(ready(f"{number}.jpg") for number in range(3)))
    assert (failed, waited) == ({}, [*PAUSES])
    assert sns.ids == [["0", "1", "2"], ["1", "2"], ["2"]]


@pytest.mark.parametrize(
    ("code", "fault", "error"),
    [
        ("InternalError", False, ServiceUnavailable),
        ("Throttling", False, Throttled),
        ("InvalidParameter", True, Unexpected),
    ],
)
def test_what_sns_does_not_take_at_all_says_why(code, fault, error):
    """After three attempts each message has an error of its own, which its record is retried for."""
    failure = {"0": {"Code": code, "Message": "no", "SenderFault": fault}}
    failed, _ = publish(Sns(failure, failure, failure), ready("a.jpg"), ready("b.jpg"))
    assert list(failed) == [0]
    assert type(failed[0]) is error
    assert failed[0].detail == f"sns:Publish to the completion topic: {code}: no"
