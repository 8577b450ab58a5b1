"""What a message is about: told by its form, never by a text that happens to be in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.pictures.erasure.edge import paths_of
from ops.pictures.erasure.mentions import has_text_of, keys_named, without
from ops.pictures.erasure.objects import output_keys
from worker.contracts.events import event_body, keys_of

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
BUCKET = "pictures"


def completion(key, bucket=BUCKET):
    """Return a completion message."""
    return json.dumps({"type": "image.ready", "source": {"bucket": bucket, "key": key}})


@given(keys=st.lists(KEYS, min_size=1, max_size=4, unique=True))
def test_every_form_of_a_message_names_its_keys(keys):
    """S3's event, a completion message, and SNS's envelope around either."""
    assert keys_named(event_body(BUCKET, *keys), BUCKET) == frozenset(keys)
    for body in (completion(keys[0]), event_body(BUCKET, keys[0])):
        assert keys_named(body, BUCKET) == frozenset(keys[:1])
        assert keys_named(json.dumps({"Type": "Notification", "Message": body}), BUCKET) == frozenset(keys[:1])


@given(keys=st.lists(KEYS, min_size=2, max_size=5, unique=True))
def test_an_event_without_a_key_names_the_others_in_order(keys):
    """And no text of the one is left that is not in another's."""
    body = without(event_body(BUCKET, *keys), {keys[0]})
    assert list(keys_of(body, BUCKET)) == keys[1:]


@pytest.mark.parametrize(
    "body",
    ["", "a.jpg", "[]", '{"source": "aws.x", "key": "a.jpg"}', '{"Records": [{"key": "a.jpg"}]}', "[" * 100_000],
)
def test_what_nobody_understands_names_nothing_that_is_known(body):
    """It is neither about the key nor about others."""
    assert keys_named(body, BUCKET) is None


def test_another_bucket_s_picture_is_another_picture():
    """Of the same key; an event that names both buckets is one that no reader understands."""
    of_others = event_body("others", "a.jpg")
    bridged = {"source": "aws.s3", "detail": {"bucket": {"name": "others"}, "object": {"key": "a.jpg"}}}
    for body in (completion("a.jpg", "others"), of_others, json.dumps({"detail-type": "Object Created", **bridged})):
        assert keys_named(body, BUCKET) == frozenset()
    both = [*json.loads(of_others)["Records"], *json.loads(event_body(BUCKET, "a.jpg"))["Records"]]
    for records in (both, [{"s3": {"bucket": {"name": "others"}, "object": {}}}], []):
        assert keys_named(json.dumps({"Records": records}), BUCKET) is None


@given(key=KEYS)
def test_a_key_s_text_is_found_however_it_is_encoded(key):
    """As it is, in JSON with and without escapes, in an event."""
    for text in (key, json.dumps(key), json.dumps(key, ensure_ascii=False), event_body(BUCKET, key)):
        assert has_text_of(f"... {text} ...", key)


@given(keys=st.lists(KEYS, min_size=2, max_size=2, unique=True))
def test_no_two_sources_share_an_output(keys):
    """So what is removed of one is no other's, however similar the keys are."""
    names = ("web", "manifest", "2x")
    assert set(output_keys(names, keys[0])).isdisjoint(output_keys(names, keys[1]))


def test_no_output_s_key_is_longer_than_s3_takes():
    """S3 refuses to list such a prefix."""
    key = "k" * 1017
    assert output_keys(["web", "w"], key) == [f"w/{key}.webp", f"w/{key}.avif", f"w/{key}.jpeg", f"w/{key}.png"]


def test_an_entry_in_the_index_of_rejects_is_an_output():
    """Whatever it was rejected for."""
    assert {"_rejected/truncated/a.jpg", "_rejected/empty-file/a.jpg"} <= set(output_keys([], "a.jpg"))


def test_a_path_is_what_browsers_and_manifests_ask_for():
    """Both spellings of an address, any version of it."""
    assert paths_of(["web"], ["a, b.jpg"]) == ("/web/a%2C%20b.jpg.*", "/web/a,%20b.jpg.*")
