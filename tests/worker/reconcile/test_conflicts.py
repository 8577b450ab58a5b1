from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from tests.worker.fakes import etag_of
from tests.worker.images.pictures.small import jpeg
from tests.worker.reconcile.scene import KEYS
from worker.contracts.errors import Conflict
from worker.reconcile.reconciler import READY, REMOVED, ROUNDS, UNCHANGED

if TYPE_CHECKING:
    from worker.reconcile.outputs import Head


def test_a_slow_worker_never_overwrites_a_newer_picture(world):
    """A worker that read the old picture fails against the new one's outputs, and then reads the new one."""
    newer = jpeg(colour="blue")

    def overtake(_key: str) -> None:
        world.outputs.before_put = lambda _key: None
        world.sources.objects["a.jpg"] = newer
        world.reconcile()

    world.outputs.before_put = overtake
    assert world.reconcile().result == UNCHANGED
    assert world.manifest()["source"]["bytes"] == len(newer)


def test_a_conflict_in_every_round_is_a_retry(world):
    """After three rounds with a conflict, the conflict is the message's outcome, to be retried later."""
    rounds = []

    def conflict(key: str) -> None:
        rounds.append(key)
        raise Conflict("another worker was faster")

    world.outputs.before_put = conflict
    with pytest.raises(Conflict):
        world.reconcile()
    assert rounds == ["thumbnail/a.jpg.webp", "web/a.jpg.webp"] * ROUNDS


def test_what_was_written_too_late_is_taken_back(world):
    """No condition stops a slow worker when the picture was removed meanwhile; its second HEAD does, and it cleans up."""

    def remove(_key: str) -> None:
        world.outputs.before_put = lambda _key: None
        del world.sources.objects["a.jpg"]
        assert world.reconcile().result == REMOVED

    world.outputs.before_put = remove
    assert world.reconcile().result == REMOVED
    assert world.outputs.objects == {}


def test_a_picture_that_was_put_back_keeps_its_outputs(world):
    """A removal ends with a HEAD: the very same picture may have come back, and its event may have found everything current."""
    world.reconcile()
    picture = world.sources.objects.pop("a.jpg")
    delete = world.outputs.delete

    def put_back(key: str, *, expected: Head) -> None:
        if "a.jpg" not in world.sources.objects:
            world.sources.objects["a.jpg"] = picture
            assert world.reconcile().result == UNCHANGED
        delete(key, expected=expected)

    world.outputs.delete = put_back
    assert world.reconcile().result == READY
    assert set(world.outputs.objects) == KEYS


def test_a_picture_that_was_replaced_and_put_back_ends_as_it_is(world):
    """ETags are hashes of content, so a condition does not see that a picture was removed and put back; the second HEAD does."""
    first, second = jpeg(), jpeg(colour="blue")
    world.reconcile()
    world.sources.objects["a.jpg"] = second

    def put_back(_key: str) -> None:
        world.outputs.before_put = lambda _key: None
        world.sources.objects["a.jpg"] = first
        assert world.reconcile().result == UNCHANGED

    world.outputs.before_put = put_back
    world.reconcile()
    assert world.manifest()["source"]["etag"] == etag_of(first).strip('"')


def test_the_verdict_on_a_picture_that_was_replaced_is_not_passed(world):
    """A bad picture that was replaced while it was rendered is no reject: the new one is handled."""
    world.sources.objects["a.jpg"] = b"no picture at all"

    def fix(_key: str) -> None:
        world.sources.objects["a.jpg"] = jpeg()

    world.outputs.before_put = fix
    assert world.reconcile().result == READY
    assert world.manifest()["type"] == "image.ready"


def test_a_source_that_keeps_changing_is_a_conflict(world):
    """After three rounds in which the source changed each time, the message is retried later."""
    numbers = itertools.count(50)

    def change(_key: str) -> None:
        world.sources.objects["a.jpg"] = jpeg(width=next(numbers))

    world.outputs.before_put = change
    with pytest.raises(Conflict, match="changed while"):
        world.reconcile()


def test_no_message_is_published_of_a_version_that_was_replaced_meanwhile(world):
    """Between the renditions and the message the picture changes: only the new version has a message."""

    def replace(key: str) -> None:
        if key.startswith("web/"):
            world.outputs.before_put = lambda _key: None
            world.sources.objects["a.jpg"] = jpeg(colour="blue")

    world.outputs.before_put = replace
    assert world.reconcile().result == READY
    newer = etag_of(jpeg(colour="blue")).strip('"')
    assert [manifest.source.etag for manifest in world.topic.messages] == [newer]
