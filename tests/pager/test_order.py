"""What comes first in a message, what is done by now, and dead letters that no line tells of."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pager.known.causes import causes_of
from pager.known.log_lines import BROKEN, FINISHED, REDRIVEN, REJECTED, RETRIED, Line
from pager.words.plain import subject_of
from tests.pager.factories import AT, Aws, described, logged, notification, rejected, retried
from tests.pager.test_handler import told

NONE = "without an answer: none"
LATELY = AT - timedelta(minutes=10)


def many(reasons=9):
    """Return the log of rejects for so many reasons, each of more pictures than the next."""
    return [each for number in range(reasons) for each in rejected(40 - number, reason=f"reason-{number}")]


def test_what_has_to_be_repaired_first_comes_first():
    """Also if it is only tried again as yet, concerns few pictures, and many other reasons are about more: with keys and detail."""
    aws = Aws(described("dead-letters"), events=[*many(), *retried("a.jpg", "b.jpg", "a.jpg")])
    subject, text, document = told(aws)
    lines = text.splitlines()
    assert subject.startswith("ALARM images-dev dead-letters: 2 access-denied, 40 reason-0, ")
    assert lines[3:6] == [
        "2 tried again: access-denied, the first at 05:30:02 UTC; repair this first",
        "  a.jpg, b.jpg",
        "  s3:PutObject on out",
    ]
    assert "  docs/operations.md#access-denied" in lines
    assert "And 35 rejected: reason-5, 34 rejected: reason-6, 33 rejected: reason-7, 32 rejected: reason-8." in lines
    assert json.loads(document["metadata"]["additionalContext"]["reasons"])["access-denied"] == 2


def test_what_passes_by_itself_comes_last():
    """However many pictures it is: they are no dead letters yet, and most never will be."""
    aws = Aws(
        described("dead-letters"), events=[*rejected(1), *retried("a.jpg", "b.jpg", reason="throttled")], values=[0, 1]
    )
    assert told(aws)[0] == "ALARM images-dev dead-letters: 1 truncated, 2 throttled"


def test_no_limit_hides_what_has_to_be_repaired():
    """Seven errors of the worker and a permission are eight causes with their details, and what else there is a list."""
    broken = [
        {"timestamp": int(AT.timestamp() * 1000), "message": json.dumps({"errorType": f"E{number}", "errorMessage": "why"})}
        for number in range(7)
    ]  # fmt: skip
    _, text, _ = told(Aws(described("dead-letters"), events=[*rejected(3), *broken, *retried("a.jpg")]))
    assert text.count("; repair this first\n") == 8
    assert "And 3 rejected: truncated." in text


LINES = st.builds(
    Line,
    st.integers(0, 9),
    st.sampled_from([REJECTED, RETRIED, BROKEN, REDRIVEN, FINISHED]),
    st.sampled_from(["access-denied", "unexpected-error", "throttled", "truncated"]),
    st.just(""),
    st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
)


@given(st.sampled_from(["dead-letters", "rejects", "message-age"]), st.lists(LINES))
def test_no_order_of_lines_puts_a_cause_before_one_that_blocks_it(key, lines):
    """What is done comes last; every picture that was rejected is counted, none that another attempt has rejected as tried again."""
    lines.sort(key=lambda line: line.at)
    causes = causes_of(key, lines)
    places = [0 if cause.blocks else 2 if cause.done == cause.count else 1 for cause in causes]
    assert places == sorted(places)
    counts = [cause.count for cause in causes if cause.blocks]
    assert counts == sorted(counts, reverse=True)
    assert sum(cause.count for cause in causes if cause.kind == REJECTED) == sum(
        each.kind == REJECTED for each in lines
    )
    assert all(0 <= cause.done <= cause.count for cause in causes)
    assert all(0 < cause.count <= len(lines) * 2 for cause in causes)


def test_the_subject_names_as_many_causes_as_there_is_room_for():
    """And says how many it does not name."""
    subject, *_ = told(Aws(described("dead-letters"), events=many(12)))
    assert (
        subject == "ALARM images-dev dead-letters: 40 reason-0, 39 reason-1, 38 reason-2, 37 reason-3, 8 more reasons"
    )
    assert subject_of(subject) == subject


def done(*keys, at=AT - timedelta(seconds=20), attempt=2):
    """Return the log of attempts that made these pictures ready."""
    return [logged("message.done", at, redrives=0, attempt=attempt, keys=[key]) for key in keys]


@pytest.mark.parametrize(
    ("ready", "said"),
    [
        ((), "3 tried again: throttled, the first at 05:30:02 UTC\n  a.jpg, b.jpg, c.jpg"),
        (("a.jpg",), "3 tried again: throttled, the first at 05:30:02 UTC; 1 done by now\n  b.jpg, c.jpg, a.jpg"),
        (("a.jpg", "b.jpg", "c.jpg"), "3 tried again: throttled, the first at 05:30:02 UTC; all done by now"),
    ],
)
def test_what_was_tried_again_and_is_done_is_said(ready, said):
    """What is not done yet is named first; it may be by another message, which `where` knows."""
    events = [*retried("a.jpg", "b.jpg", "c.jpg", reason="throttled"), *done(*ready)]
    _, text, _ = told(Aws(described("message-age"), events=events), notification("message-age"))
    assert said in text
    hint = "What was tried again may be ready by now: python -m ops --stack dev where KEY"
    assert (hint in text) == (len(ready) < 3)


def test_what_was_done_before_it_was_tried_again_is_not_done():
    """The picture was replaced meanwhile."""
    events = [*done("a.jpg", at=AT - timedelta(minutes=2)), *retried("a.jpg", reason="throttled")]
    _, text, _ = told(Aws(described("message-age"), events=events), notification("message-age"))
    assert "done by now" not in text


def test_what_was_tried_again_and_rejected_is_counted_once():
    """As a reject."""
    events = [*retried("cats/0.jpg", "b.jpg"), *rejected(1, reason="access-denied")]
    _, text, _ = told(Aws(described("dead-letters"), events=events))
    assert "1 tried again: access-denied" in text
    assert "1 rejected: access-denied" in text


def test_a_permission_that_is_back_blocks_nothing():
    """All its pictures are done: it comes last."""
    events = [*retried("a.jpg"), *done("a.jpg"), *rejected(2)]
    assert told(Aws(described("dead-letters"), events=events, values=[0, 2]))[0].endswith(
        ": 2 truncated, 1 access-denied"
    )


@pytest.mark.parametrize(
    ("values", "rejects", "unanswered"),
    [
        ([0, 3, 8], 3, 5),
        ([0, 8, 2], 3, 5),
        ([0, 3], 3, 0),
        ([0, 2], 3, 0),
        ([3], 0, 3),
        ([], 0, 1),
        ([], 1, 0),
    ],
)
def test_letters_without_a_reason_in_the_log_are_a_cause(values, rejects, unanswered):
    """What the queue held at most, without the rejects that were logged; an alarm that went on knows of one letter at least."""
    _, text, _ = told(Aws(described("dead-letters"), events=rejected(rejects), values=values))
    assert (f"{unanswered} {NONE}" in text) == bool(unanswered)
    assert ("  docs/operations.md#none" in text) == bool(unanswered)
    assert ("killed or throttled on every attempt" in text) == bool(unanswered)


@pytest.mark.parametrize(
    ("key", "changed"),
    [
        # The log begins after the first letters.
        ("dead-letters", {"history": [("ALARM", AT), ("OK", LATELY)], "values": [4, 9]}),
        ("dead-letters", {"refused": {"filter_log_events"}}),
        ("dead-letters", {"refused": {"get_metric_data"}}),
        ("rejects", {}),
        ("message-age", {}),
    ],
)
def test_numbers_that_are_not_of_the_same_time_say_nothing(key, changed):
    """Nor another alarm's numbers, which are of something else."""
    _, text, _ = told(Aws(described(key), **{"events": rejected(1), "values": [0, 9], **changed}), notification(key))
    assert NONE not in text


def test_a_log_that_is_cut_says_nothing_of_what_it_lacks():
    """The rest may hold the reasons."""
    _, text, _ = told(Aws(described("dead-letters"), events=rejected(150), values=[0, 900]), in_time=False)
    assert NONE not in text


def test_letters_of_events_have_their_reason_elsewhere():
    """EventBridge's own, which the alarm on it tells of."""
    alarms = described("dead-letters"), described("events-failed", on=False, since=AT - timedelta(minutes=2))
    assert NONE not in told(Aws(*alarms, values=[0, 9]))[1]
    old = described("events-failed", on=False, since=AT - timedelta(days=2))
    assert f"9 {NONE}" in told(Aws(alarms[0], old, values=[0, 9]))[1]


@pytest.mark.parametrize(
    ("state", "was", "history"),
    [
        ("ALARM", "INSUFFICIENT_DATA", []),
        ("OK", "ALARM", []),
        ("OK", "ALARM", [("OK", AT)]),
        ("OK", "ALARM", [("OK", AT), ("ALARM", LATELY, "INSUFFICIENT_DATA")]),
    ],
)
def test_letters_that_may_be_older_than_the_log_say_nothing(state, was, history):
    """Of an alarm that is new, or of which nobody knows when it went on; unless the queue was seen empty since."""
    for values, says in (([9, 9], False), ([0, 9], True)):
        aws = Aws(described("dead-letters", on=state == "ALARM"), values=values, history=history)
        assert (f"9 {NONE}" in told(aws, notification(state=state, was=was))[1]) == says


@pytest.mark.parametrize("after", [[], [logged("message.done", redrives=1, keys=["cats/0.jpg"], attempt=1)]])
def test_a_picture_that_was_given_up_is_not_told_as_tried_again_too(after):
    """Whatever became of it later. A reason of both kinds is named once in the subject: it would read as two causes."""
    given_up = rejected(2, reason="access-denied", detail="s3:PutObject on out")
    events = [*retried("cats/0.jpg", "cats/1.jpg", "dogs/0.jpg"), *given_up, *after]
    subject, text, _ = told(Aws(described("dead-letters"), events=events, values=[0, 2]))
    assert subject == "ALARM images-dev dead-letters: 3 access-denied"
    assert "1 tried again: access-denied" in text
    assert "2 rejected: access-denied" in text


def test_one_reason_more_is_one_reason():
    """A subject is read first."""
    causes = [each for number in range(6) for each in rejected(10, reason=f"a-long-reason-{number}")]
    subject, *_ = told(Aws(described("dead-letters"), events=causes, values=[0, 60]))
    assert subject.endswith(", 4 more reasons")
    subject, *_ = told(
        Aws(described("dead-letters"), events=[*causes[:20], *rejected(5, reason="r" * 40)], values=[0, 25])
    )
    assert subject.endswith(", 1 more reason")
