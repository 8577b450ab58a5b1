from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.dead_letters.filters import Filters, duration, short
from tests.ops.support.fakes import BUCKET, letter

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("filters", "selected"),
    [
        (Filters(), True),
        (Filters(reasons=("truncated",)), True),
        (Filters(reasons=("too-large", "truncated")), True),
        (Filters(reasons=("too-large",)), False),
        (Filters(reasons=("none",)), False),
        (Filters(keys=("cats/*",)), True),
        (Filters(keys=("*.jpg",)), True),
        (Filters(keys=("dogs/*", "cats/to?.jpg")), True),
        (Filters(keys=("CATS/*",)), False),
        (Filters(keys=("tom.jpg",)), False),
        (Filters(older_than=timedelta(hours=1)), True),
        (Filters(older_than=timedelta(hours=3)), False),
        (Filters(newer_than=timedelta(hours=3)), True),
        (Filters(newer_than=timedelta(hours=1)), False),
        (Filters(ids=("00000000",)), True),
        (Filters(ids=("ffff",)), False),
        (Filters(reasons=("truncated",), keys=("dogs/*",)), False),
    ],
)
def test_every_filter_that_is_given_must_hold(filters, selected):
    """Of several values of one filter one is enough; two hours old, about cats/tom.jpg, truncated."""
    read = letter("cats/tom.jpg", "truncated", failed_at="2026-11-24T10:00:00Z")
    assert filters.select(read, BUCKET, NOW) is selected


def test_letters_without_a_reason_are_called_none():
    """`--reason none` is how to ask for what SQS moved by itself."""
    assert Filters(reasons=("none",)).select(letter(reason=None), BUCKET, NOW)


def test_filters_describe_themselves_as_they_are_typed():
    """A plan says what it was made from, so that it can be made again."""
    filters = Filters(("truncated",), ("retry",), ("a*",), timedelta(days=2), timedelta(minutes=90), ("3f",))
    text = "--reason truncated --verdict retry --key 'a*' --older-than 2d --newer-than 90m --id 3f"
    assert filters.describe() == text
    assert Filters().describe() == "all"
    assert not Filters()
    assert filters


@given(st.integers(1, 10**6 - 1), st.sampled_from("smhd"))
def test_a_duration_is_read_as_it_is_written(number, unit):
    """What `short` writes is never more than what was read, and never less than half of it."""
    span = duration(f"{number}{unit}")
    assert span / 2 < duration(short(span)) <= span


@pytest.mark.parametrize("text", ["", "3", "h", "3 h", "-3h", "1.5h", "3w", "3hh", "1000000d"])
def test_anything_else_is_no_duration(text):
    """The message says how one is written."""
    with pytest.raises(ValueError, match="90s, 10m, 3h or 2d"):
        duration(text)


def test_a_letter_that_has_expired_is_not_negative():
    """Clocks differ; -3s would be nonsense."""
    assert short(timedelta(seconds=-3)) == "0s"
