from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker.contracts.foreign.messages import BODIES, event_bridge_body
from worker.contracts.errors import MalformedEvent
from worker.contracts.events import etag_in, event_body, keys_of, leftovers_in, looks_in, occurred_at


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
        ('{"detail-type": "Object Created"}', "is of 'None', not of 'aws.s3'"),
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


def documented(detail_type: str, **changes: object) -> str:
    """Return an event of EventBridge's, whole as S3's documentation has it, with `changes` of its detail."""
    of_object = {"key": "a+b c.jpg", "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184",
                 "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e", "sequencer": "617f08299329d189"}  # fmt: skip
    detail = {
        "version": "0",
        "event-version": "1.1",
        "bucket": {"name": "pictures"},
        "object": of_object,
        "request-id": "N4N7GDK58NMKJ12R",
        "requester": "123456789012",
        "source-ip-address": "1.2.3.4",
        **changes,
    }
    event = {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": detail_type,
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2021-11-12T00:00:00Z",
        "region": "ca-central-1",
        "resources": ["arn:aws:s3:::pictures"],
        "detail": detail,
    }
    return json.dumps(event)


@pytest.mark.parametrize(
    "body",
    [
        documented("Object Created", reason="PutObject"),
        documented("Object Created", reason="CompleteMultipartUpload"),
        documented("Object Deleted", **{"reason": "DeleteObject", "deletion-type": "Delete Marker Created"}),
        documented("Object Deleted", **{"reason": "Lifecycle Expiration", "deletion-type": "Permanently Deleted"}),
        documented("Object Restore Initiated", **{"source-storage-class": "GLACIER"}),
        documented("Object Restore Completed", **{"restore-expiry-time": "2021-11-13T00:00:00Z"}),
        documented("Object Storage Class Changed", **{"destination-storage-class": "INTELLIGENT_TIERING"}),
        documented("Object Tags Added"),
        documented("Something New", of=["tomorrow"]),
    ],
)
def test_every_kind_of_event_by_eventbridge_is_a_hint(body):
    """Its key is as it is, its ETag is small, its time has seconds; nothing else of it matters, its version neither."""
    assert keys_of(body, "pictures") == ("a+b c.jpg",)
    assert etag_in(body, "a+b c.jpg") == "b1946ac92492d2347c6235b4d2611184"
    assert etag_in(body, "a b c.jpg") is None
    assert occurred_at(body) == 1636675200


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255))
def test_a_key_is_the_same_by_either_way(key):
    """S3 encodes it, EventBridge does not; also one that looks encoded."""
    assert keys_of(event_bridge_body("pictures", key), "pictures") == keys_of(event_body("pictures", key), "pictures")


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}, "'aws.events', not of 'aws.s3'"),
        ({"detail-type": "Object Created", "source": "mine", "detail": {}}, "'mine', not of 'aws.s3'"),
        ({"detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": {"eventName": "PutObject"}},
         "names no bucket and key"),
        ({"detail-type": "Object Created", "source": "aws.s3", "detail": "{}"}, "names no bucket and key"),
        ({"detail-type": "Object Created", "source": "aws.s3"}, "names no bucket and key"),
        (json.loads(event_bridge_body("other", "a.jpg")), "'other'"),
        (json.loads(event_bridge_body("pictures", "")), "empty"),
        (json.loads(event_bridge_body("pictures", "\ud800")), "no UTF-8"),
        (json.loads(event_bridge_body("pictures", "ö" * 513)), "1,026 bytes"),
        (json.loads(event_bridge_body("pictures", 7)), "no text"),
    ],
)  # fmt: skip
def test_an_event_of_another_source_or_bucket_is_malformed(event, says):
    """A rule of somebody else that sends to the queue, a schedule, or CloudTrail's events of S3."""
    with pytest.raises(MalformedEvent, match=says):
        keys_of(json.dumps(event), "pictures")


@pytest.mark.parametrize("place", ["source", "detail-type", "name", "key"])
def test_what_is_nested_as_deep_as_can_be_is_malformed(place):
    """Just what can be parsed is shown in the reason without another error."""
    for depth in range(900, 1000):
        nested = "[" * depth + "]" * depth
        parts = {"source": '"aws.s3"', "detail-type": '"x"', "name": '"pictures"', "key": '"k"', place: nested}
        body = (f'{{"source": {parts["source"]}, "detail-type": {parts["detail-type"]},'
                f' "detail": {{"bucket": {{"name": {parts["name"]}}}, "object": {{"key": {parts["key"]}}}}}}}')  # fmt: skip
        with suppress(MalformedEvent):
            assert keys_of(body, "pictures") == ("k",)


@given(BODIES)
def test_whatever_comes_is_read_or_refused_as_malformed(body):
    """By every reader, in either shape: none raises anything else, and all keys are ones that S3 may have."""
    keys: tuple[str, ...] = ()
    with suppress(MalformedEvent):
        keys = keys_of(body, "pictures")
    assert all(0 < len(key.encode()) <= 1024 for key in keys)
    occurred_at(body)
    for key in (*keys[:3], "gone"):
        assert isinstance(etag_in(body, key), str | None)
        assert not looks_in(body, key)
        assert leftovers_in(body, key) == ()
