from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.errors import MalformedEvent
from worker.contracts.events import etag_in, event_body, keys_of, leftovers_in, looks_in


def record(key: str, bucket: str = "pictures") -> dict:
    """Return a record as S3 sends it, `key` already encoded."""
    return {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_key_survives_the_way_through_an_event(key):
    """Whatever Unicode a key is made of, the decoded key is the key that was sent."""
    assert keys_of(event_body("pictures", key), "pictures") == (key,)


def test_a_plus_is_a_space_and_a_percent_2b_is_a_plus():
    """S3 encodes keys as HTML forms do."""
    body = json.dumps({"Records": [record("K%C3%B6ln+a%2Bb.jpg")]})
    assert keys_of(body, "pictures") == ("Köln a+b.jpg",)


def test_the_test_event_has_no_keys():
    """What S3 sends when the notification is created is handled by doing nothing."""
    assert (
        keys_of(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "pictures"}), "pictures") == ()
    )


def test_a_key_that_occurs_twice_is_named_once():
    """Two records of one key are one hint."""
    assert keys_of(event_body("pictures", "a", "b", "a"), "pictures") == ("a", "b")


def notification(version: str, name: str, **extra: object) -> str:
    """Return a whole record as S3 documents it for `version`, with fields that this program does not know."""
    whole = {
        "eventVersion": version,
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "1970-01-01T00:00:00.000Z",
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDAJDPLRKLG7UEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": "C3D13FE58DE4C810",
            "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "notify",
            "bucket": {
                "name": "pictures",
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": "arn:aws:s3:::pictures",
            },
            "object": {
                "key": "a+b.jpg",
                "size": 1024,
                "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "sequencer": "0055AED6DCD90281E5",
            },
        },
        **extra,
    }
    return json.dumps({"Records": [whole]})


@pytest.mark.parametrize(
    "body",
    [
        notification("2.0", "ObjectCreated:Put"),
        notification("2.1", "ObjectCreated:CompleteMultipartUpload"),
        notification("2.1", "ObjectRemoved:DeleteMarkerCreated"),
        notification("2.1", "ObjectRestore:Completed", glacierEventData={"restoreEventData": {}}),
        notification("2.2", "s3:Replication:OperationFailedReplication", replicationEventData={}),
        notification("2.3", "LifecycleExpiration:Delete", lifecycleEventData={}),
        notification("2.3", "IntelligentTiering", intelligentTieringEventData={}),
        notification("2.4", "ObjectTagging:Put"),
        notification("2.5", "ObjectAcl:Put"),
        notification("2.6", "ObjectCreated:Copy", somethingNew={"of": ["tomorrow"]}),
    ],
)
def test_every_version_and_every_kind_of_event_is_a_hint(body):
    """From 2.0 to 2.6 a record names its bucket and key in the same place, and nothing else of it matters."""
    assert keys_of(body, "pictures") == ("a b.jpg",)


def test_several_records_are_several_hints():
    """S3 may put more than one record into a message; they keep their order."""
    body = json.dumps({"Records": [record("b"), record("a"), record("b")]})
    assert keys_of(body, "pictures") == ("b", "a")


@pytest.mark.parametrize(
    "key",
    [
        "é",
        "e\u0301",
        "👩‍👩‍👧",
        "a/../b",
        "./a",
        "/a",
        "a//b",
        "%41",
        "a%20b",
        "a+b",
        "a b",
        "\u202egpj.a",
        "a\x00b",
        "ﬁ",
    ],
)
def test_keys_that_look_alike_stay_different(key):
    """A key is a string of code points: neither normalised, nor decoded twice, nor taken for a path."""
    assert keys_of(event_body("pictures", key), "pictures") == (key,)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("not json", "no JSON"),
        ("[]", "no JSON object"),
        ("{}", "no Records"),
        ('{"Records": []}', "no Records"),
        ('{"Records": {}}', "no Records"),
        ('{"Records": [{}]}', "names no bucket and key"),
        ('{"Records": [null]}', "names no bucket and key"),
        (json.dumps({"Records": [record("")]}), "empty"),
        (json.dumps({"Records": [record("%ff")]}), "not URL-encoded UTF-8"),
        (json.dumps({"Records": [record("a", bucket="other")]}), "'other'"),
        ('{"detail-type": "Object Created"}', "EventBridge"),
        ('{"TopicArn": "arn:aws:sns:eu-west-1:000000000000:t", "Message": ""}', "SNS"),
    ],
)
def test_what_is_no_notification_of_this_bucket_is_malformed(body, says):
    """Anything else is rejected with a sentence that says what was expected."""
    with pytest.raises(MalformedEvent, match=says):
        keys_of(body, "pictures")


def test_a_message_asks_for_looks_of_its_own_keys_alone():
    """What is not plainly true is no."""
    body = event_body("pictures", "a b.jpg", looks=True)
    assert looks_in(body, "a b.jpg")
    assert not looks_in(body, "b.jpg")
    assert not looks_in(event_body("pictures", "a b.jpg"), "a b.jpg")
    assert not looks_in(body.replace("true", "1"), "a b.jpg")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"Records": 1}', '{"Records": [{"s3": {"object": {"key": 1}}}]}'])
def test_what_is_no_notification_says_nothing_of_a_key(body):
    """Who may send to the queue decides what a body is; its keys are judged elsewhere."""
    assert (etag_in(body, "a"), leftovers_in(body, "a"), looks_in(body, "a")) == (None, (), False)
