"""Groups of dead letters, on drawn ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.dead_letters.groups import Groups
from ops.dead_letters.verdict import VERDICTS

KEYS = st.lists(st.sampled_from(["a/", "b/", "ab", "a", "/"]), min_size=1, max_size=4).map("".join)
LETTERS = st.lists(st.tuples(st.sampled_from(["throttled", None]), st.lists(KEYS, max_size=2)), max_size=8)


class Anywhere:
    """A session whose commands are only their words, at one moment."""

    def command(self, *words: str) -> str:
        return " ".join(words)

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


ANYWHERE: Any = Anywhere()


@given(LETTERS)
def test_every_letter_counts_once_and_a_folder_holds_all_keys_of_its_group(letters):
    """What is printed of a group is true of each of its letters."""
    groups = Groups()
    for reason, keys in letters:
        groups.add("retry", reason, keys)
    lines = [line.split() for line in groups.lines(ANYWHERE) if "next:" not in line]
    assert sum(int(line[0]) for line in lines) == len(letters)
    for _, verdict, reason, *folder in lines:
        keys = [key for name, of_one in letters if (name or "none") == reason for key in of_one]
        assert verdict == "retry"
        for prefix in folder:
            assert prefix.endswith("/")
            assert all(key.startswith(prefix) for key in keys)


def test_what_needs_an_operator_most_comes_first():
    """By verdict, whatever order the queue has them in."""
    groups = Groups()
    for verdict in reversed(VERDICTS):
        groups.add(verdict, None, ["a/b.jpg"])
    shown = [line.split()[1] for line in groups.lines(ANYWHERE) if "next:" not in line]
    assert shown == list(VERDICTS)


def test_a_suggested_export_is_named_after_the_moment():
    """Two purges of one evening do not collide."""
    groups = Groups()
    groups.add("source-gone", None, ["a/b.jpg"])
    assert "--export source-gone-20260102T030405.jsonl" in "".join(groups.lines(ANYWHERE))
