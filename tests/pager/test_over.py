"""The message that an alarm is over: what it was about without what it asked for, and which pictures are rejected all the same."""

from __future__ import annotations

from datetime import timedelta

import jsonschema
import pytest

from tests.pager.factories import AT, Aws, described, logged, notification, rejected, retried
from tests.pager.test_handler import told
from tests.pager.test_words import PUBLISHED, assert_harmless

BEGAN = AT - timedelta(minutes=35)
HISTORY = [("OK", AT), ("ALARM", BEGAN)]
REJECTED = rejected(2, BEGAN - timedelta(minutes=1), detail="Upload a better picture under the same key.")
BEFORE = [*REJECTED, *retried("a.jpg", at=BEGAN)]
INDEX = [f"_rejected/truncated/cats/{number}.jpg" for number in range(8)] + ["_rejected/empty-file/a/b.jpg"] * 4


def over(key="dead-letters", **known):
    """Return the text and the document of the message that this alarm is over."""
    aws = Aws(described(key, on=False), **{"events": BEFORE, "history": HISTORY, "values": [0, 7, 0], **known})
    _, text, document = told(aws, notification(key, "OK", "ALARM"))
    return text, document


def test_it_says_what_it_was_about_and_asks_for_nothing():
    """Letters without an answer among it."""
    text, _ = over()
    about = text.partition("What it was about:\n")[2]
    assert about.startswith(
        "5 without an answer: none\n"
        "1 tried again: access-denied, the first at 04:56:02 UTC\n"
        "  a.jpg\n"
        "2 rejected: truncated, the first at 04:55:02 UTC\n"
        "  cats/0.jpg, cats/1.jpg\n"
    )
    for order in ("Upload a better picture", "s3:PutObject on out", "killed or throttled", "repair", "may be ready"):
        assert order not in text


@pytest.mark.parametrize("key", ["dead-letters", "rejects"])
@pytest.mark.parametrize(
    ("index", "said"),
    [
        (INDEX, "12 pictures are still rejected: 8 truncated, 4 empty-file."),
        (INDEX[:1], "1 picture is still rejected: 1 truncated."),
        (INDEX * 100, "1000 or more pictures are still rejected: 668 truncated, 332 empty-file."),
    ],
)
def test_pictures_that_stay_rejected_are_counted(key, index, said):
    """Without their letters nothing else tells of them; the command names them."""
    text, document = over(key, index=index, events=REJECTED, values=[0, 2, 0])
    assert said in text.splitlines()
    assert text.endswith("\nNext:\n  python -m ops --stack dev rejects\n")
    assert document["content"]["nextSteps"] == ["`python -m ops --stack dev rejects`"]
    jsonschema.validate(document, PUBLISHED)


UNSETTLED = (
    "What was tried again or had no answer is no reject: the dry run of a backfill lists what of it is not ready."
)
LIST = "  python -m ops --stack dev backfill --outdated --dry-run\n"


@pytest.mark.parametrize(
    ("known", "is_said"),
    [
        ({"events": BEFORE, "values": [0, 2, 0]}, True),
        ({"events": REJECTED, "values": [0, 7, 0]}, True),
        ({"events": [*BEFORE, logged("message.done", AT, keys=["a.jpg"], attempt=2)], "values": [0, 2, 0]}, False),
    ],
)
def test_what_may_be_neither_ready_nor_rejected_is_said(known, is_said):
    """A dead letter that was purged, or a message that is still tried again: no list of rejects has its picture."""
    text, _ = over(**known)
    assert (UNSETTLED in text.splitlines()) == is_said
    assert text.endswith(LIST) == is_said


def test_that_none_is_rejected_is_said_too():
    """So that nobody looks."""
    text, _ = over(events=REJECTED, values=[0, 2, 0])
    assert "No picture is rejected any more." in text.splitlines()
    assert "Next:" not in text


def test_an_index_that_cannot_be_listed_is_said():
    """And the rest is told."""
    text, _ = over(refused={"list_objects_v2"})
    assert "Could not be read: index of rejects: AccessDenied." in text
    assert "What it was about:" in text
    assert "rejected any more" not in text


def test_reasons_in_the_index_are_a_stranger_s_text():
    """Whoever writes into the bucket writes no mail."""
    text, document = over(index=["_rejected/<!channel> https:/" + "/evil.example/a.jpg"])
    assert_harmless(text)
    assert_harmless(document["content"]["description"].replace("\n", ""))


def test_only_these_alarms_ask_for_the_index():
    """And only when they are over: while they are on, it holds what the message tells anyhow."""
    for key, state in (("dead-letters", "ALARM"), ("rejects", "ALARM"), ("message-age", "OK")):
        aws = Aws(described(key, on=state == "ALARM"), index=INDEX)
        _, text, _ = told(aws, notification(key, state, "ALARM" if state == "OK" else "OK"))
        assert "still rejected" not in text
        assert "list_objects_v2" not in [operation for operation, _ in aws.asked]
