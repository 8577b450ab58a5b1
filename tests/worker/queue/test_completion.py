from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.worker.conftest import REGION
from worker.contracts.errors import AccessDenied, ServiceUnavailable, Throttled, TooLarge
from worker.contracts.manifest import Manifest, RenditionEntry, SourceEntry
from worker.contracts.recipes.by_prefix import Recipe
from worker.queue.completion import CompletionTopic

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def source(key: str) -> SourceEntry:
    """Return the entry of a source."""
    return SourceEntry("pictures", key, "e", "v1", 1)


def ready(key: str, *names: str) -> Manifest:
    """Return the manifest of a picture with renditions of these names."""
    entries = [RenditionEntry(name, f"{name}/{key}.webp", 1, 1, 1, "image/webp") for name in names]
    return Manifest.ready(source(key), Recipe(()), NOON, entries, ())


def rejected(key: str) -> Manifest:
    """Return the manifest of a picture that is too large."""
    return Manifest.rejected(source(key), Recipe(()), NOON, TooLarge("huge"))


class Sns:
    """Remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def publish(self, **request):
        self.requests.append(request)


def published(manifest: Manifest) -> dict[str, Any]:
    """Return the request that publishes the message of `manifest`."""
    sns = Sns()
    CompletionTopic(sns, "arn").publish(manifest)
    (request,) = sns.requests
    return request


def attributes(manifest: Manifest) -> dict[str, tuple[str, str]]:
    """Return type and value of every attribute of the message."""
    found = published(manifest)["MessageAttributes"]
    return {name: (value["DataType"], value["StringValue"]) for name, value in found.items()}


def test_a_message_is_the_manifest(aws):
    """SNS takes it as it is, and a queue that listens gets it with its attributes."""
    sns, sqs = boto3.client("sns", region_name=REGION), boto3.client("sqs", region_name=REGION)
    topic = sns.create_topic(Name="completion")["TopicArn"]
    url = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
    manifest = ready("cats/tom.jpg", "web")
    CompletionTopic(sns, topic).publish(manifest)
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == manifest.to_json()
    assert message["MessageAttributes"]["type"]["StringValue"] == "image.ready"


def test_the_attributes_are_what_a_filter_asks_for():
    """Type, folder and names of the renditions; what does not apply is missing, because SNS takes no empty text."""
    assert attributes(ready("cats/tom/1.jpg", "thumbnail", "web")) == {
        "type": ("String", "image.ready"),
        "prefix": ("String", "cats/tom/"),
        "renditions": ("String.Array", '["thumbnail", "web"]'),
    }
    assert "prefix" not in attributes(ready("a.jpg", "web"))
    assert attributes(rejected("b/a.jpg")) == {"type": ("String", "image.rejected"), "prefix": ("String", "b/")}


@pytest.mark.parametrize(("key", "prefix"), [("a.jpg", ""), ("c/a.jpg", "c/"), ("/a.jpg", "/"), ("a//b/", "a//b/")])
def test_the_prefix_is_the_folder_with_its_slash(key, prefix):
    """So that a filter by prefix `cats/` has everything below that folder and nothing of `cats-and-dogs/`."""
    assert attributes(ready(key)).get("prefix", ("String", "")) == ("String", prefix)


def test_what_no_queue_takes_is_escaped():
    """A key may have characters that SQS refuses: the body has them as JSON escapes, an attribute has a stand-in."""
    request = published(ready("bad\uffff\x0b/a.jpg", "web"))
    assert json.loads(request["Message"])["source"]["key"] == "bad\uffff\x0b/a.jpg"
    assert "\uffff" not in request["Message"]
    assert request["MessageAttributes"]["prefix"]["StringValue"] == "bad\ufffd\ufffd/"


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("InternalError", 500, ServiceUnavailable),
        ("Throttled", 429, Throttled),
        ("AuthorizationError", 403, AccessDenied),
    ],
)
def test_what_sns_does_not_take_is_a_retry_that_says_why(code, status, error):
    """The picture is not committed then: its message comes back."""
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}

    class Refusing:
        def publish(self, **_request):
            raise ClientError(answer, "Publish")  # type: ignore[arg-type]

    with pytest.raises(error, match="sns:Publish to the completion topic: no"):
        CompletionTopic(Refusing(), "arn").publish(ready("a.jpg"))
