"""What a report keeps of many letters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ops.dead_letters.report import gathered
from ops.dead_letters.report.gathered import Entry, Gathered

BEGAN = datetime(2026, 11, 26, tzinfo=UTC)


def entry(number, verdict="retry", reason="conflict"):
    """Return a letter that failed `number` seconds after the first."""
    at = BEGAN + timedelta(seconds=number)
    return Entry(at, f"{number:036}", (f"{number}.jpg",), verdict, reason, "It was.", 5, 0, at + timedelta(days=14))


def test_all_are_counted_and_the_newest_are_kept(monkeypatch):
    """Whatever order they come in."""
    monkeypatch.setattr(gathered, "MOST", 3)
    found = Gathered()
    for number in (4, 0, 3, 1, 2):
        found.add(entry(number))
    ((verdict, reason, entries),) = found.groups()
    assert (verdict, reason) == ("retry", "conflict")
    assert [each.keys for each in entries] == [("4.jpg",), ("3.jpg",), ("2.jpg",)]
    assert (found.counts["retry", "conflict"], found.left_out, len(found.failed_at)) == (5, 2, 5)


def test_what_needs_an_operator_most_comes_first():
    """As in dlq list; a group of which no letter is kept is there all the same."""
    found = Gathered()
    for number, verdict in enumerate(("already-ready", "permanent", "retry")):
        found.add(entry(number, verdict))
    assert [verdict for verdict, *_ in found.groups()] == ["retry", "permanent", "already-ready"]
