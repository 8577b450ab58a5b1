from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import MalformedEvent
from worker.events import event_body, keys_of


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
