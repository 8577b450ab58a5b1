from __future__ import annotations

import pytest

from tests.worker.fakes import MemoryOriginals
from tests.worker.images.pictures.small import jpeg
from worker.contracts.errors import ServiceUnavailable, UnsupportedFormat
from worker.reconcile.reconciler import READY, UNCHANGED


@pytest.fixture
def archive(world):
    """Return the world where originals are marked, so that they may be archived."""
    world.originals = MemoryOriginals()
    world.sources.numbers["a.jpg"] = 7
    return world


def test_an_original_may_be_archived_once_it_is_ready(archive):
    """The very version that was rendered is marked, after everything else."""
    assert archive.reconcile().result == READY
    assert archive.originals.marked == {("a.jpg", "v7")}


def test_an_original_that_was_not_tagged_is_tagged_by_the_next_attempt(archive):
    """Marking failed: the message comes back, finds everything current, and marks it without a download."""
    archive.originals.failing = ServiceUnavailable("try again")
    with pytest.raises(ServiceUnavailable):
        archive.reconcile()
    archive.originals.failing = None
    assert archive.reconcile().result == UNCHANGED
    assert archive.originals.marked == {("a.jpg", "v7")}
    assert archive.sources.downloads == 1


def test_a_rejected_original_is_not_archived(archive):
    """Nor does it keep a mark that it came with, copied from a ready one."""
    archive.sources.objects["a.jpg"] = b"no picture at all"
    archive.originals.marked.add(("a.jpg", "v7"))
    with pytest.raises(UnsupportedFormat):
        archive.reconcile()
    assert archive.originals.marked == set()


def test_a_picture_that_is_replaced_between_two_requests_is_not_marked(archive):
    """Unchanged when it was asked for, another one when it is marked: the new one is handled first."""
    archive.reconcile()
    head = archive.sources.head

    def replaced(key):
        archive.sources.head = head
        archive.sources.objects[key], archive.sources.numbers[key] = jpeg(colour="blue"), 8
        return head(key)

    archive.sources.head = replaced
    assert archive.reconcile().result == READY
    assert archive.originals.marked == {("a.jpg", "v7"), ("a.jpg", "v8")}
