from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.health.rejects import AtRest
from ops.stack.picture import ManifestState, RejectEntry
from tests.ops.dead_letters.test_verdict import ready, rejected

NOTED = datetime(2026, 11, 26, 5, tzinfo=UTC)


@dataclass
class Index:
    """Stands in for `ops.stack.buckets.Pictures`; `read`: the keys whose manifests were read."""

    entries: list[RejectEntry] = field(default_factory=list)
    manifests: dict[str, ManifestState] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)

    def note(self, key, reason="truncated", *, later=0, manifest=None):
        """Write an entry, anew if it is there, and what the manifest says."""
        self.forget(key)
        self.entries.append(RejectEntry(key, reason, NOTED + timedelta(seconds=later)))
        self.manifests[key] = manifest or rejected(reason=reason)

    def forget(self, key):
        """Remove an entry."""
        self.entries = [entry for entry in self.entries if entry.key != key]

    def first_rejects(self):
        return list(self.entries), True

    def manifest(self, key):
        self.read.append(key)
        return self.manifests.get(key)

    def at_rest(self, earlier=None, lettered=()):
        """Return what is at rest, and the keys that were read for it."""
        self.read.clear()
        pictures: Any = self
        found = AtRest.of(pictures, lettered, earlier)
        return found, sorted(self.read)


def test_what_was_read_is_not_read_again():
    """`status --watch` read a hundred manifests at every refresh."""
    index = Index()
    for key in ("a.jpg", "b.jpg", "lettered.jpg"):
        index.note(key)
    index.note("stale.jpg", manifest=ready())
    first, read = index.at_rest(lettered={"lettered.jpg"})
    assert (first.reasons, read) == ({"truncated": 2}, ["a.jpg", "b.jpg", "stale.jpg"])
    assert index.at_rest(first, {"lettered.jpg"}) == (first, [])

    index.note("c.jpg", "empty-file")
    third, read = index.at_rest(first)
    assert (third.reasons, read) == ({"truncated": 3, "empty-file": 1}, ["c.jpg", "lettered.jpg"])


def test_what_has_changed_is_read_again():
    """The worker removes the entry before it writes another manifest, and writes it anew with every verdict."""
    index = Index()
    index.note("better.jpg")
    index.note("worse.jpg", manifest=ready())
    index.note("other.jpg")
    first, _ = index.at_rest()
    assert first.reasons == {"truncated": 2}
    index.forget("better.jpg")
    index.note("worse.jpg", later=1)
    index.note("other.jpg", "empty-file", later=1)
    second, read = index.at_rest(first)
    assert (second.reasons, read) == ({"truncated": 1, "empty-file": 1}, ["other.jpg", "worse.jpg"])
    assert len(second.known) == 2


def test_many_are_counted_as_the_index_has_them():
    """To hold each against its manifest would take too long."""
    index = Index()
    for number in range(101):
        index.note(f"{number}.jpg", manifest=ready())
    found, read = index.at_rest()
    assert (found.reasons, read) == ({"truncated": 101}, [])
