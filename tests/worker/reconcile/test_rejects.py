from __future__ import annotations

import pytest

from tests.worker.images.pictures.small import jpeg
from worker.contracts.errors import Archived, DecoderCrashed, EmptyFile, KeyTooLong, TooLarge, UnsupportedFormat
from worker.reconcile.reconciler import REMOVED
from worker.reconcile.sources import Source, SourceHead


def test_a_rejected_picture_keeps_its_last_good_renditions(world):
    """A broken new version has a manifest and a message; the renditions of the last good one stay."""
    world.reconcile()
    good = world.outputs.objects["web/a.jpg.webp"].data
    world.sources.objects["a.jpg"] = b"no picture at all"
    with pytest.raises(UnsupportedFormat):
        world.reconcile()
    assert world.outputs.objects["web/a.jpg.webp"].data == good
    assert (world.manifest()["type"], world.manifest()["reason"]) == ("image.rejected", "unsupported-format")
    assert [manifest.type for manifest in world.topic.messages] == ["image.ready", "image.rejected"]


def test_a_rejected_picture_is_rendered_again(world):
    """A rejection is never taken for done: a redrive of it is judged anew."""
    world.sources.objects["a.jpg"] = b"no picture at all"
    for _ in range(2):
        with pytest.raises(UnsupportedFormat):
            world.reconcile()
    assert world.sources.downloads == 2


def test_an_archived_picture_is_rejected_unless_its_outputs_are_current(world):
    """Without renditions it has to be restored first; the manifest says so."""

    def refuse() -> bytes:
        raise Archived("restore it")

    world.sources.get = lambda key, *, unless: Source(key, '"etag"', None, 3, refuse)
    world.sources.head = lambda key: SourceHead('"etag"', None)
    with pytest.raises(Archived):
        world.reconcile()
    assert world.manifest()["reason"] == "archived"


@pytest.mark.parametrize(("same", "in_child"), [(True, True), (False, False)])
def test_a_picture_known_to_end_its_process_is_never_rendered_here_again(world, same, in_child):
    """A redriven crasher comes in a fresh message; its manifest remembers. Another picture under its key is no suspect."""
    budgets = []

    def crash(source, wanted, budget):
        budgets.append(budget.in_child)
        raise DecoderCrashed("SIGSEGV")

    world.render = crash
    with pytest.raises(DecoderCrashed):
        world.reconcile()
    if not same:
        world.sources.objects["a.jpg"] = jpeg(colour="blue")
    with pytest.raises(DecoderCrashed):
        world.reconcile()
    assert budgets == [False, in_child]


def test_a_file_that_would_fill_the_memory_is_refused_before_its_download(world):
    """A source of more than half the memory is too large, and its bytes are not fetched."""
    world.memory_mb = 1
    world.sources.objects["a.jpg"] = jpeg() + bytes(2**20)
    with pytest.raises(TooLarge, match=r"worker\.memory"):
        world.reconcile()
    assert world.sources.downloads == 0


def test_a_key_too_long_for_its_outputs_is_rejected(world):
    """S3 takes 1,024 bytes; a source whose rendition's key would be longer is rejected with its reason, and a message."""
    key = "ä" * 510
    world.sources.objects[key] = jpeg()
    with pytest.raises(KeyTooLong):
        world.reconcile(key)
    assert [(m.type, m.reason, m.source.key) for m in world.topic.messages] == [("image.rejected", "key-too-long", key)]


def test_a_removed_picture_with_such_a_key_is_done(world):
    """Nothing can have been made of it, so nothing is left to do."""
    assert world.reconcile("ä" * 510).result == REMOVED


def test_a_rejected_picture_is_in_the_index_until_it_is_ready_or_gone(world):
    """Under the reason that it has now: a listing of the index is all that tells of it once its dead letter is purged."""
    world.sources.objects["a.jpg"] = b"no picture at all"
    for _ in range(2):
        with pytest.raises(UnsupportedFormat):
            world.reconcile()
        assert world.rejects.noted == {("a.jpg", "unsupported-format")}
    world.sources.objects["a.jpg"] = b""
    with pytest.raises(EmptyFile):
        world.reconcile()
    assert world.rejects.noted == {("a.jpg", "empty-file")}
    world.sources.objects["a.jpg"] = jpeg()
    world.reconcile()
    assert world.rejects.noted == set()
    world.sources.objects["a.jpg"] = b""
    with pytest.raises(EmptyFile):
        world.reconcile()
    del world.sources.objects["a.jpg"]
    world.reconcile()
    assert world.rejects.noted == set()
