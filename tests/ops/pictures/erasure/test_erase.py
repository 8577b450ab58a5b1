"""An erasure leaves nothing of a picture, harms no neighbour, and its receipt is true: of any state."""

from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ops.pictures.erasure.world import QUEUES, READ, UNREAD, World, mentions_of
from tests.ops.support.fakes import Death, Killed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYS: Final = ("a", "a.jpg", "cats/tom & jerry+1%.jpg", "é/🙂.png", "web/a.jpg", "manifest/a.jpg.json", "-x.jpg", "a b")
NAMES: Final = ("web", "thumbnail", "former", "manifest", "2x")
FORMATS: Final = ("webp", "avif", "jpeg", "png")


def neighbours(key: str) -> list[str]:
    """Return keys that are nearly the same."""
    near = [
        f"{key}2",
        f"{key}.jpg",
        f"{key}.webp",
        f"{key}/x",
        f"x{key}",
        f"web/{key}",
        key[:-1] or "b",
        key.upper(),
        f"{key} ",
    ]
    return [each for each in dict.fromkeys(near) if each != key]


@st.composite
def states(draw: Callable[..., Any]) -> dict[str, Any]:
    """Return what a world is filled with: a key, and what there is of it and of its neighbours."""
    key = draw(st.sampled_from(KEYS))
    keys = [key, *draw(st.lists(st.sampled_from(neighbours(key)), max_size=4, unique=True))]
    one = st.sampled_from(keys)
    outputs = st.tuples(st.sampled_from(NAMES), one, st.sampled_from(FORMATS))
    bodies = st.one_of(
        st.tuples(st.sampled_from(["completion", "envelope"]), one.map(lambda each: [each])),
        st.tuples(st.just("event"), st.lists(one, min_size=1, max_size=3, unique=True)),
    )
    return {
        "key": key,
        "source_versions": draw(st.sampled_from([None, "Enabled"])),
        "output_versions": draw(st.sampled_from([None, "Enabled"])),
        "originals": draw(st.lists(st.tuples(one, st.sampled_from(["put", "put", "delete", "begin"])), max_size=8)),
        "outputs": draw(st.lists(outputs, max_size=8)),
        "letters": draw(st.lists(st.tuples(st.sampled_from(QUEUES), bodies), max_size=8)),
    }


def world_of(state: dict[str, Any], directory: Any) -> World:
    """Make it."""
    world = World(directory, state["source_versions"], state["output_versions"])
    for number, (key, how) in enumerate(state["originals"]):
        if how == "put":
            world.put(world.source, key, f"{key} {number}".encode())
        elif how == "delete":
            world.s3.delete_object(Bucket=world.source, Key=key)
        else:
            world.s3.create_multipart_upload(Bucket=world.source, Key=key)
    for number, (name, key, extension) in enumerate(state["outputs"]):
        world.put(world.output, f"{name}/{key}.{'json' if name == 'manifest' else extension}", str(number).encode())
    for queue, (form, keys) in state["letters"]:
        world.send(queue, getattr(world, form)(*keys), detail=f"About {keys[0]}.")
    return world


def letters_of(world: World, state: dict[str, Any], queue: str) -> list[str]:
    """Return the bodies that a queue has to have afterwards: those of others, and what is left of those that name several."""
    key, left = state["key"], []
    for name, (form, keys) in state["letters"]:
        others = [each for each in keys if each != key]
        if name == queue and others:
            left.append(getattr(world, form)(*others))
    return sorted(left)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=states())
def test_nothing_of_it_is_left_and_its_neighbours_are_as_they_were(worlds, state):
    """Whatever versions, markers, former recipes' outputs and letters there are, and however similar the others' keys."""
    world, key = world_of(state, worlds.directory), state["key"]
    of_it = world.things_of(key)
    others = world.things() - of_it
    ids = {
        queue: set().union(*(world.ids(queue, body) for body in mentions_of(world.bodies(queue), key)))
        for queue in QUEUES
    }

    ended = world.erase(key)

    assert ended.status == 0, (ended.out, ended.err)
    assert world.things() == others
    for queue in QUEUES:
        assert sorted(world.bodies(queue)) == letters_of(world, state, queue), queue
    receipt = json.loads(ended.out)
    assert receipt["state"] == "done"
    (picture,) = receipt["pictures"]
    assert objects_in(picture) == of_it
    assert set().union(*map(set, picture["removed"]["messages"].values())) == set().union(*ids.values())
    assert picture["stayed"] == receipt["stayed"] == []
    (path,) = worlds.directory.glob("erasure-*.json")
    assert json.loads(path.read_text()) == receipt
    path.unlink()


def objects_in(picture: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Return what a receipt says is gone."""
    entries = picture["removed"]["objects"]
    return {(each["bucket"], each["key"], each.get("version_id") or each["upload_id"]) for each in entries}


FULL: Final[dict[str, Any]] = {
    "key": "a.jpg",
    "source_versions": "Enabled",
    "output_versions": None,
    "originals": [(k, h) for k in ("a.jpg", "a.jpg.jpg") for h in ("put", "delete", "put", "put", "begin")],
    "outputs": [
        ("web", "a.jpg", "webp"),
        ("former", "a.jpg", "png"),
        ("manifest", "a.jpg", ""),
        ("web", "a.jpg.jpg", "webp"),
    ],
    "letters": [
        *((queue, ("event", ["a.jpg"])) for queue in QUEUES),
        *((queue, ("event", ["b.jpg"])) for queue in QUEUES),
        ("dead-letters", ("event", ["a.jpg", "b.jpg"])),
        ("search", ("completion", ["a.jpg"])),
        ("search-undelivered", ("envelope", ["a.jpg"])),
    ],
}
"""Something of everything."""


CHANGES: Final = ("Delete", "Abort", "Send", "Create")
"""How the names of requests begin that change something: between two others, nothing differs."""


class Kill:
    """Ends the process after the change number `at`."""

    def __init__(self, at: int) -> None:
        self.death = Death(at, "after")

    def before(self, model: Any, **_: Any) -> None:
        """Count a request, and let none through after the end."""
        if self.death.is_dead or model.name.startswith(CHANGES):
            self.death.before(model.name)

    def after(self, model: Any, **_: Any) -> None:
        """End it."""
        if model.name.startswith(CHANGES):
            self.death.after()


@contextmanager
def watched(worlds: Any, kill: Kill) -> Iterator[None]:
    """Have all requests counted."""
    clients = [worlds.clients(service) for service in ("s3", "sqs")] + [worlds.clients.once("sqs")]
    for client in clients:
        client.meta.events.register("before-call", kill.before, "before")
        client.meta.events.register("after-call", kill.after, "after")
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", unique_id="before")
            client.meta.events.unregister("after-call", unique_id="after")


@pytest.mark.soak
def test_a_run_that_is_killed_anywhere_is_run_again_and_its_receipt_has_both(worlds):
    """After any request that changes something: then nothing is left, neighbours are as they were, and the receipt counts both."""
    steps = killed_at(worlds, None)
    assert {"DeleteObject", "AbortMultipartUpload", "SendMessageBatch", "DeleteMessageBatch"} <= set(steps)
    for at in range(len(steps)):
        killed_at(worlds, at)


def killed_at(worlds: Any, at: int | None) -> list[str]:
    """Erase twice, the first time until the change number `at`; return what was changed at first."""
    world, kill = world_of(FULL, worlds.directory), Kill(-1 if at is None else at)
    of_it = world.things_of("a.jpg")
    others = world.things() - of_it
    unread = sum(len(list(mentions_of(world.bodies(queue), "a.jpg").elements())) for queue in UNREAD)
    with watched(worlds, kill), nullcontext() if at is None else pytest.raises(Killed):
        world.erase("a.jpg")
    world.show_hidden()

    ended = world.erase("a.jpg")

    assert ended.status == 0, (at, ended.out, ended.err)
    assert world.things() == others, at
    for queue in QUEUES:
        assert set(world.bodies(queue)) == set(letters_of(world, FULL, queue)), (at, queue)
    if at is not None:
        (path,) = worlds.directory.glob("erasure-*.json")
        (picture,) = json.loads(path.read_text())["pictures"]
        assert of_it <= objects_in(picture), at  # And the delete marker that the first run made.
        assert not objects_in(picture) & world.things(), at
        assert sum(map(len, picture["removed"]["messages"].values())) >= unread, at
    for path in worlds.directory.glob("erasure-*.json"):
        path.unlink()
    return kill.death.steps


def test_there_is_a_queue_of_each_kind():
    """Or the tests above would be about fewer."""
    assert set(READ) | set(UNREAD) == set(QUEUES)
