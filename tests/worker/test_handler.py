from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.worker.images.pictures.small import jpeg
from worker import handler
from worker.contracts.events import event_body

CONTEXT = SimpleNamespace(aws_request_id="request-1", get_remaining_time_in_millis=lambda: 90_000)


def sqs_event(*bodies: str, redrives: int = 0) -> dict:
    """Return an SQS event with one record a body, received for the second time."""
    attributes = {"redrives": {"stringValue": str(redrives), "dataType": "Number"}} if redrives else {}
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "body": body,
                "receiptHandle": f"r{number}",
                "attributes": {
                    "ApproximateReceiveCount": "2",
                    "SentTimestamp": "1767268800000",
                    "SenderId": "AIDAEXAMPLE",
                },
                "messageAttributes": attributes,
            }
            for number, body in enumerate(bodies)
        ]
    }


@pytest.fixture
def letters(deployed):
    """The dead-letter queue, as a function that receives all of it."""
    return deployed


def test_a_batch_without_records_has_no_failures(letters):
    """The smallest invocation, which proves that the zip imports, reports nothing."""
    assert handler.handle({"Records": []}, CONTEXT) == {"batchItemFailures": []}


def test_a_picture_goes_through(s3, letters):
    """From an SQS event to renditions and a manifest in the output bucket."""
    s3.put_object(Bucket="pictures", Key="cats/tom.jpg", Body=jpeg())
    report = handler.handle(sqs_event(event_body("pictures", "cats/tom.jpg")), CONTEXT)
    assert report == {"batchItemFailures": []}
    keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket="renditions")["Contents"]}
    assert keys == {"thumbnail/cats/tom.jpg.webp", "web/cats/tom.jpg.webp", "manifest/cats/tom.jpg.json"}
    manifest = json.loads(s3.get_object(Bucket="renditions", Key="manifest/cats/tom.jpg.json")["Body"].read())
    assert manifest["source"]["bucket"] == "pictures"
    assert letters() == []


def test_manifests_name_addresses_where_the_stack_delivers(s3, letters, monkeypatch):
    """The origin is the function's environment; a message may ask for them where all else is current."""
    s3.put_object(Bucket="pictures", Key="tom.jpg", Body=jpeg())
    handler.handle(sqs_event(event_body("pictures", "tom.jpg")), CONTEXT)
    monkeypatch.setenv("DELIVERY_ORIGIN", "https://images.example.com")
    handler._batch.cache_clear()
    handler.handle(sqs_event(event_body("pictures", "tom.jpg", looks=True)), CONTEXT)
    manifest = json.loads(s3.get_object(Bucket="renditions", Key="manifest/tom.jpg.json")["Body"].read())
    head = s3.head_object(Bucket="renditions", Key="web/tom.jpg.webp")
    assert manifest["renditions"][1]["url"] == (
        f"https://images.example.com/web/tom.jpg.webp?v={head['Metadata']['version']}"
    )


def test_a_dead_letter_explains_itself(s3, letters):
    """A reject arrives in the dead-letter queue with its body intact and everything that an operator asks."""
    s3.put_object(Bucket="pictures", Key="a.jpg", Body=b"no picture")
    body = event_body("pictures", "a.jpg")
    assert handler.handle(sqs_event(body, redrives=2), CONTEXT) == {"batchItemFailures": []}
    (letter,) = letters()
    assert letter["Body"] == body
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes.pop("detail")
    assert attributes.pop("failed-at").endswith("Z")
    assert attributes == {
        "reason": "unsupported-format",
        "attempts": "2",
        "redrives": "2",
        "original-message-id": "m0",
        "request-id": "request-1",
    }


def test_the_letter_of_a_foreign_message_names_its_sender(letters):
    """Somebody has to find who uses the queue; of an event of S3 the sender is S3."""
    assert handler.handle(sqs_event("hello"), CONTEXT) == {"batchItemFailures": []}
    (letter,) = letters()
    assert letter["MessageAttributes"]["detail"]["StringValue"].endswith(" Sent by AIDAEXAMPLE.")


ALL = {"reason", "detail", "attempts", "failed-at", "original-message-id", "request-id"}


@pytest.mark.parametrize(
    ("spare", "kept"), [(0, set()), (len("reasonStringmalformed-event"), {"reason"}), (10_000, ALL)]
)
def test_a_dead_letter_of_nearly_a_mebibyte_keeps_its_reason_longest(letters, spare, kept):
    """SQS takes a mebibyte with all attributes: what an operator can do without makes room."""
    body = " " * (2**20 - spare)
    assert handler.handle(sqs_event(body), CONTEXT) == {"batchItemFailures": []}
    (letter,) = letters()
    assert letter["Body"] == body
    assert set(letter.get("MessageAttributes", {})) == kept
