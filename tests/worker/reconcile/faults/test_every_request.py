"""Each single request of a reconcile fails once, loses its answer once, and is the last before a crash once."""

from __future__ import annotations

import pytest

from tests.worker.reconcile.faults.promises import CROPS
from tests.worker.reconcile.faults.world import Worker, World


def _nothing(world: World) -> None:
    """There is no source and there are no outputs."""


def _made(world: World) -> None:
    world.upload("a", b"one")
    world.settle()


def _cropped(world: World) -> None:
    world.deploy(CROPS)
    world.upload("a", b"one@0.9,0.1")
    world.settle()


SCENARIOS = {
    "two pictures": (_nothing, lambda world: (world.upload("a", b"one"), world.upload("b", b"two"))),
    "new picture": (_nothing, lambda world: world.upload("a", b"one")),
    "overwrite": (_made, lambda world: world.upload("a", b"two")),
    "removal": (_made, lambda world: world.remove("a")),
    "reject": (_made, lambda world: world.upload("a", b"bad")),
    "replaced reject": (_nothing, lambda world: (world.upload("a", b"bad"), world.settle(), world.upload("a", b"one"))),
    "another recipe": (_made, lambda world: world.deploy(1)),
    "another focus": (_cropped, lambda world: world.copy_in_place("a", b"0.2,0.8")),
    "the same focus": (_cropped, lambda world: world.copy_in_place("a", b"0.90,0.10")),
    "a focus that nothing needs": (_made, lambda world: world.copy_in_place("a", b"0.2,0.8")),
}
REQUESTS = {
    "two pictures": 16,
    "new picture": 8,
    "overwrite": 10,
    "removal": 8,
    "reject": 10,
    "replaced reject": 11,
    "another recipe": 20,
    "another focus": 11,
    "the same focus": 4,
    "a focus that nothing needs": 4,
}
"""How many requests each takes: counted by the test, written down so that one more is noticed."""


def prepared(scenario: str) -> World:
    """Return a world in which the scenario's messages wait."""
    world = World()
    before, change = SCENARIOS[scenario]
    before(world)
    change(world)
    return world


def received(world: World) -> Worker:
    """Return a worker with the first message about each key."""
    firsts = {delivery.body: delivery for delivery in reversed(world.queue)}
    worker = world.receive(*reversed(firsts.values()))
    assert worker
    return worker


def requests_of(scenario: str) -> list[str]:
    """Return the requests that an undisturbed worker makes for the scenario."""
    world = prepared(scenario)
    worker = received(world)
    assert world.advance(worker, 1000)
    return worker.tape.requests


def final_state(world: World) -> dict[str, bytes]:
    """Return every rendition, and of every manifest what it was made from; times differ."""
    return {
        key: stored.head.metadata["source-etag"].encode() if key.startswith("manifest/") else stored.data
        for key, stored in world.outputs.objects.items()
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_requests_are_counted(scenario):
    """A request that is new here is one more that costs money and may fail."""
    assert len(requests_of(scenario)) == REQUESTS[scenario], requests_of(scenario)


@pytest.mark.parametrize("fault", ["fails", "answer lost", "crash"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_any_request_may_go_wrong_once(scenario, fault):
    """Whichever request it is: after the next delivery everything is as if nothing had happened."""
    undisturbed = prepared(scenario)
    undisturbed.settle()
    for number in range(len(requests_of(scenario))):
        world = prepared(scenario)
        worker = received(world)
        world.advance(worker, number)
        if fault == "crash":
            assert world.advance(worker, 1) in (True, False)
            if worker in world.workers:
                world.crash(worker)
        else:
            world.advance(worker, 1, fault)
        world.settle()
        world.check()
        assert final_state(world) == final_state(undisturbed), f"{fault} of request {number}"
