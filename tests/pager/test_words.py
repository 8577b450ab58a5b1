"""Keys and details that try to be more than text, and the form that machines rely on."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pager.handler import Pager
from pager.settings import Settings
from pager.words.plain import coded, plain, subject_of
from tests.pager.factories import ENVIRONMENT, Aws, described, notification, rejected

TEXTS = {"type": "array", "items": {"type": "string"}}
PUBLISHED = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "source", "content"],
    "properties": {
        "version": {"const": "1.0"},
        "source": {"const": "custom"},
        "id": {"type": "string"},
        "content": {
            "type": "object",
            "additionalProperties": False,
            "required": ["description"],
            "properties": {
                "textType": {"const": "client-markdown"},
                "title": {"type": "string"},
                "description": {"type": "string", "minLength": 1},
                "nextSteps": TEXTS,
                "keywords": TEXTS,
            },
        },
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "threadId": {"type": "string"},
                "summary": {"type": "string"},
                "eventType": {"type": "string"},
                "relatedResources": TEXTS,
                "additionalContext": {"type": "object", "additionalProperties": {"type": "string"}},
                "enableCustomActions": {"type": "boolean"},
            },
        },
    },
}
"""The event schema of https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html as a JSON schema."""
NASTY = [
    "<!channel> look",
    "<https://evil.example|click>",
    "@here",
    "@SRE-Team",
    "https://evil.example/a.jpg",
    "www.evil.example",
    "a`*b*`c",
    "line\nbreak\r\n\tand\x00\x1b[31m",
    "right\u202eto\u2066left\u200b",
    "lone \ud800 surrogate",
    "&lt;script&gt;",
    "",
]


def message(**fields):
    """Return subject, text and document of a message about one reject with these fields."""
    aws = Aws(described("dead-letters"), events=rejected(1, **fields))
    Pager(Settings.from_env(ENVIRONMENT), aws).take(notification(), lambda: True)
    (request,) = aws.published
    forms = json.loads(request["Message"])
    return request["Subject"], forms["email"], json.loads(forms["default"])


def assert_harmless(text):
    """Nothing that a chat or a mail program acts on, nothing that nobody sees."""
    assert not re.search(r"[<>&]|://|@[A-Za-z]|www\.", text, re.IGNORECASE), text
    assert all(char.isprintable() for char in text.replace("\n", "")), text


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("where", ["keys", "detail", "reason"])
def test_a_stranger_s_text_stays_text(where, nasty):
    """In the mail, in the chat, in the subject and in the fields for machines."""
    subject, text, document = message(**{where: [nasty] if where == "keys" else nasty})
    jsonschema.validate(document, PUBLISHED)
    assert_harmless(text)
    for part in (document["content"], document["metadata"]):
        assert_harmless(json.dumps(part, ensure_ascii=False).replace("\\n", ""))
    assert document["content"]["description"].count("`") % 2 == 0
    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()


@given(st.text())
def test_no_text_gets_out_of_its_quotes(text):
    """Whatever it is; a chat shows it as code, whose only end is the last character."""
    assert_harmless(plain(text))
    assert "`" not in coded(text)[1:-1]
    assert "\n" not in plain(text)
    assert 0 < len(subject_of(plain(text))) < 100


def test_what_is_harmless_is_as_it_was():
    """Names that pictures have can be copied."""
    for name in ("cats/tom.jpg", "photo@2x.jpg", "straße/ünïcode 猫.png", "img_001 (2)*.JPG", "a//b"):
        assert plain(name) == name


def test_a_long_key_is_cut():
    """S3's have up to 1024 bytes."""
    assert plain("k" * 1024) == "k" * 200 + "…"


@pytest.mark.parametrize("state", ["ALARM", "OK"])
def test_every_message_has_the_published_form(state):
    """Of an alarm that is on, one that is over, and a plain one."""
    for broken in ((), ("filter_log_events",)):
        aws = Aws(described("dead-letters", on=state == "ALARM"), events=rejected(3), broken=broken)
        Pager(Settings.from_env(ENVIRONMENT), aws).take(notification(state=state, was="ALARM"), lambda: True)
        jsonschema.validate(json.loads(json.loads(aws.published[0]["Message"])["default"]), PUBLISHED)


def test_a_large_message_is_one_that_sns_takes():
    """256 KB (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html): thousands of reasons and long keys."""
    events = [event for number in range(300) for event in rejected(5, reason=f"r{number}" * 200, keys=["ü" * 1024] * 9)]
    aws = Aws(described("dead-letters"), events=events)
    Pager(Settings.from_env(ENVIRONMENT), aws).take(notification(), lambda: True)
    assert len(aws.published[0]["Message"].encode()) < 256 * 1024
