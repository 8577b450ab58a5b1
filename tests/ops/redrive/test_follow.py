from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from ops.queues.queue import Queue
from ops.redrive.follow import Follower
from ops.redrive.planned import Planned
from ops.redrive.report import Report
from tests.ops.dead_letters.test_verdict import RECIPES, MemoryPictures, ready, rejected, source
from tests.ops.support.fakes import DEAD_LETTERS, QUEUE, MemorySqs, entry, queues


@dataclass
class World:
    """Buckets and queues, a clock that moves with each sleep, and what happens at each moment."""

    sqs: MemorySqs
    pictures: MemoryPictures
    seconds: float = 0.0
    events: dict[int, Any] = None  # type: ignore[assignment]

    def sleep(self, seconds):
        self.seconds += seconds
        event = (self.events or {}).pop(round(self.seconds), None)
        if event:
            event()

    def follow(self, *letters, patience=60.0):
        dead_letters, queue = queues(self.sqs)
        pictures: Any = self.pictures
        report = Report(len(letters), is_followed=True)
        Follower(pictures, queue, dead_letters, RECIPES, patience, lambda: self.seconds, self.sleep).follow(
            letters, report
        )
        return report


@pytest.fixture
def world():
    """Nothing anywhere, and a message in the queue."""
    sqs = MemorySqs()
    sqs.put(QUEUE, {"MessageBody": "somebody else's"})
    return World(sqs, MemoryPictures())


def sent(world, key, redrives=0):
    """Return a letter about `key` that was sent back, and what a failure of it looks like."""
    again = entry(key, "too-large", redrives=str(redrives + 1))
    world.sqs.put("aside", again)
    (stored,) = [message for message in world.sqs.messages("aside") if message.body == again["MessageBody"]]
    clients = queues(world.sqs)[0]
    received = Queue(clients.clients, "aside", "aside").receive(hide=0, wait=0)
    fingerprint = next(each.fingerprint for each in received if each.body == stored.body)
    return Planned("id", "throttled", fingerprint, redrives, (key,), "2026-01-01"), again


def test_a_picture_is_ready_when_its_manifest_is_of_what_is_there(world):
    """Not the manifest of an older version, and not a rejection: the current one."""
    planned, _ = sent(world, "a.jpg")
    world.pictures.sources["a.jpg"] = source("e1")
    world.pictures.manifests["a.jpg"] = ready("e0")
    world.events = {
        2: lambda: world.pictures.manifests.update({"a.jpg": rejected("e1")}),
        4: lambda: world.pictures.manifests.update({"a.jpg": ready("e1")}),
    }
    assert world.follow(planned).ready == [planned]
    assert world.seconds == 4


def test_a_removed_picture_is_settled_when_its_outputs_are_deleted(world):
    """Both must be deleted: the worker deletes the manifest."""
    planned, _ = sent(world, "a.jpg")
    world.pictures.manifests["a.jpg"] = ready()
    world.events = {3: world.pictures.manifests.clear}
    assert world.follow(planned).ready == [planned]
    assert world.seconds == 3


def test_a_picture_failed_again_when_its_letter_comes_back(world):
    """The same body, one redrive more; the reason is the new one, and nothing stays hidden."""
    planned, again = sent(world, "a.jpg", redrives=1)
    world.pictures.sources["a.jpg"] = source()
    world.sqs.put(DEAD_LETTERS, entry("a.jpg", "throttled", redrives="1"))
    world.sqs.put(DEAD_LETTERS, entry("b.jpg", "truncated", redrives="2"))
    world.events = {5: lambda: world.sqs.put(DEAD_LETTERS, again)}
    outcomes = world.follow(planned)
    assert outcomes.failed == [(planned, "too-large")]
    assert not outcomes.all_ready
    assert world.sqs.hidden(DEAD_LETTERS) == 0


def test_of_two_that_are_the_same_one_may_fail(world):
    """Two letters with the same body and count are not both judged by one failure."""
    planned, again = sent(world, "a.jpg")
    world.pictures.sources["a.jpg"] = source()
    world.sqs.put(DEAD_LETTERS, again)
    outcomes = world.follow(planned, planned, patience=3)
    assert (len(outcomes.failed), len(outcomes.queued)) == (1, 1)


def test_what_is_neither_is_still_queued_when_the_patience_is_over(world):
    """Nobody waits for ever, and the report says so."""
    planned, _ = sent(world, "a.jpg")
    world.pictures.sources["a.jpg"] = source()
    outcomes = world.follow(planned, patience=10)
    assert outcomes.queued == [planned]
    assert world.seconds == 10
    assert outcomes.lines()[-1] == "still queued    1"


def test_a_message_without_a_key_is_done_when_the_queue_is_empty(world):
    """It leaves no trace but the one that it does not leave: no letter comes of it."""
    planned = Planned("id", "malformed-event", "f", 0, (), "2026-01-01")
    world.events = {4: world.sqs.queues.clear}
    assert world.follow(planned).ready == [planned]
    assert world.seconds >= 5


def test_a_message_without_a_key_that_fails_again_has_failed(world):
    """The letter decides before the empty queue does."""
    planned, again = sent(world, "a.jpg")
    planned = Planned("id", "malformed-event", planned.fingerprint, 0, (), "2026-01-01")
    world.sqs.queues.clear()
    world.sqs.put(DEAD_LETTERS, again)
    assert world.follow(planned).failed == [(planned, "too-large")]


def test_following_nothing_is_over_at_once(world):
    """No letter, no wait."""
    assert world.follow().all_ready
    assert world.seconds == 0
