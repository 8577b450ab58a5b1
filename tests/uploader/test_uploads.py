"""`POST /api/uploads`: what is signed is exactly one picture, and everything else is refused in words."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.uploader.conftest import SECRET, TICKET
from uploader.names import Upload
from uploader.uploads import _FOCUS, _focus
from worker.contracts.recipes.focus import IGNORED, METADATA, STEPS, Focus, mark_of

RIGHT = {"name": "cat.jpg", "size": 1000, "type": "image/jpeg"}


def policy(answer):
    """Return the signed policy of an answer."""
    return json.loads(base64.b64decode(answer["upload"]["fields"]["policy"]))


def test_what_is_signed_is_one_key_one_size_one_type_for_five_minutes(caller):
    """Nothing of the form can be changed without S3 refusing it."""
    status, answer = caller.ask("POST", "/api/uploads", RIGHT)

    signed = policy(answer)
    assert status == 201
    assert answer["id"] == f"{SECRET}-cat.jpg"
    assert ["eq", "$key", f"uploads/{SECRET}/cat.jpg"] in signed["conditions"]
    assert ["eq", "$Content-Type", "image/jpeg"] in signed["conditions"]
    assert ["content-length-range", 1000, 1000] in signed["conditions"]
    assert {"bucket": "images-source"} in signed["conditions"]
    assert not [condition for condition in signed["conditions"] if "starts-with" in condition]
    assert "focus" not in json.dumps(answer)
    life = datetime.fromisoformat(signed["expiration"]) - datetime.now(UTC)
    assert 290 < life.total_seconds() <= 300


def test_a_focus_is_signed_as_it_was_asked_for(caller):
    """It is a field of the form that S3 refuses with any other value, and refuses to miss."""
    _, answer = caller.ask("POST", "/api/uploads", {**RIGHT, "focus": "0.3,0.75"})
    assert answer["upload"]["fields"]["x-amz-meta-focus"] == "0.3,0.75"
    assert ["eq", "$x-amz-meta-focus", "0.3,0.75"] in policy(answer)["conditions"]


@given(st.integers(0, STEPS), st.integers(0, STEPS))
def test_what_is_a_focus_is_one_for_the_worker(x, y):
    """Each that the worker writes is signed as it is, so that a page knows it again in the answer."""
    assert _focus({"focus": str(Focus(x, y))}) == str(Focus(x, y))


def test_the_metadata_of_a_focus_has_one_name(caller):
    """In the form, and in what the worker reads."""
    _, answer = caller.ask("POST", "/api/uploads", {**RIGHT, "focus": "0,0"})
    assert f"x-amz-meta-{METADATA}" in answer["upload"]["fields"]


@given(st.from_regex(_FOCUS, fullmatch=True))
def test_no_focus_is_signed_that_the_worker_ignores(text):
    """The uploader's zip is without the worker, so this is what keeps the two together."""
    assert mark_of(text) != IGNORED


def test_with_its_ticket_an_upload_is_signed_again(caller):
    """The same key, so that a picture keeps its id, with a size, a type and a focus as signed anew."""
    _, first = caller.ask("POST", "/api/uploads", RIGHT)
    again = {**RIGHT, "size": 2000, "type": "image/png", "ticket": first["ticket"], "focus": "0,1"}
    status, second = caller.ask("POST", "/api/uploads", again)
    assert (status, second["id"], second["ticket"]) == (201, first["id"], first["ticket"])
    conditions = policy(second)["conditions"]
    assert ["eq", "$key", f"uploads/{SECRET}/cat.jpg"] in conditions
    assert ["content-length-range", 2000, 2000] in conditions
    assert ["eq", "$Content-Type", "image/png"] in conditions


@pytest.mark.parametrize(
    "change", [{"ticket": SECRET}, {"ticket": TICKET[::-1]}, {"ticket": TICKET, "name": "dog.jpg"}]
)
def test_without_its_ticket_no_upload_is_signed_again(caller, change):
    """Whoever sees a picture's address knows its id; neither that nor another picture's ticket leads to its key."""
    status, answer = caller.ask("POST", "/api/uploads", {**RIGHT, **change})
    assert status == 201
    assert SECRET not in answer["upload"]["fields"]["key"]


def test_the_form_goes_to_the_region_s_own_host(caller):
    """It is the one that the page's Content-Security-Policy names; the global one would redirect."""
    _, answer = caller.ask("POST", "/api/uploads", RIGHT)
    assert answer["upload"]["url"] == "https://images-source.s3.eu-central-1.amazonaws.com/"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"name": ""}, 400, "malformed-request"),
        ({"name": None}, 400, "malformed-request"),
        ({"name": ["x"]}, 400, "malformed-request"),
        ({"name": "x" * 256}, 400, "malformed-request"),
        ({"size": 0}, 400, "malformed-request"),
        ({"size": -1}, 400, "malformed-request"),
        ({"size": True}, 400, "malformed-request"),
        ({"size": 1.5}, 400, "malformed-request"),
        ({"size": "10"}, 400, "malformed-request"),
        ({"size": 1024 * 1024 + 1}, 413, "picture-too-large"),
        ({"type": None}, 400, "malformed-request"),
        ({"type": "text/plain"}, 415, "unsupported-type"),
        ({"type": "text/html"}, 415, "unsupported-type"),
        ({"type": "image/jpeg\r\nx: y"}, 415, "unsupported-type"),
        ({"type": "image/"}, 415, "unsupported-type"),
        ({"type": "x" * 256}, 400, "malformed-request"),
        *(
            ({"ticket": ticket}, 400, "malformed-request")
            for ticket in ("", 7, [TICKET], TICKET[1:], f"{TICKET}\n", "G" * 32)
        ),
        *(({"focus": focus}, 400, "malformed-request") for focus in ("", 0.5, [0.5, 0.5], {"x": 0}, "centre")),
    ],
)
def test_what_is_no_picture_by_its_own_word_is_refused(caller, change, status, code):
    """One error shape, with a code for programs and a sentence for people."""
    answered, document = caller.ask("POST", "/api/uploads", {**RIGHT, **change})
    assert (answered, document["error"]["code"]) == (status, code)
    assert document["error"]["message"].endswith(".")
    assert set(document) == {"error"}


@pytest.mark.parametrize("body", ["", "{", "[]", "7", '"x"', "null", "[" * 1500, "\ud800"])
def test_what_is_no_json_object_is_refused(caller, body):
    """Whatever is sent instead, the answer is the same 400."""
    answered, document = caller.ask("POST", "/api/uploads", body)
    assert (answered, document["error"]["code"]) == (400, "malformed-request")


def test_a_body_larger_than_any_right_one_is_refused_unread(caller):
    """2 KB are enough for the longest name."""
    answered, document = caller.ask("POST", "/api/uploads", {**RIGHT, "padding": "x" * 2048})
    assert (answered, document["error"]["code"]) == (413, "body-too-large")


def test_the_longest_name_fits(caller):
    """255 characters of four bytes each, as JSON, are no reason to refuse."""
    body = json.dumps({**RIGHT, "name": "\N{CAT FACE}" * 251 + ".jpg"}, ensure_ascii=False)
    status, answer = caller.ask("POST", "/api/uploads", body)
    assert (status, answer["id"]) == (201, Upload.of_ticket(TICKET, "picture.jpg").id)
