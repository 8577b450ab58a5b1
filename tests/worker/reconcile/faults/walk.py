"""Random walks through the world, each reproduced by its seed: many more than hypothesis can draw in the same time.

`python -m tests.worker.reconcile.faults.walk --walks 100000` (`make model`) goes on where the tests stop.
"""

from __future__ import annotations

import argparse
import sys
import time
from random import Random
from typing import TYPE_CHECKING, Final

from tests.worker.reconcile.faults.promises import CROPS, FOCI, KEYS
from tests.worker.reconcile.faults.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.reconcile.faults.tape import Fate

STEPS: Final = 25
_FATES: Final[tuple[Fate, ...]] = ("answered", "answered", "answered", "fails", "answer lost")


def walk(seed: int, make_world: Callable[[], World]) -> World:
    """Do what the seed says, let every worker finish, and return the world; raises AssertionError where a promise breaks."""
    random, world = Random(seed), make_world()
    keys = KEYS[: random.randint(1, len(KEYS))]
    for step in range(STEPS):
        (action,) = random.choices(_ACTIONS, _WEIGHTS)
        action(world, random, random.choice(keys), step)
    random.shuffle(world.workers)
    world.settle()
    world.check()
    return world


def _upload(world: World, random: Random, key: str, step: int) -> None:
    unique = b"%s %d" % (random.choice((b"good", b"good", b"bad")), step)
    world.upload(key, unique if world.unique else random.choice(world.pictures))


def _copy_in_place(world: World, random: Random, key: str, step: int) -> None:
    world.copy_in_place(key, b"0.5,0.%02d" % (step + 1) if world.unique else random.choice(FOCI))


def _remove(world: World, _: Random, key: str, __: int) -> None:
    world.remove(key)


def _receive(world: World, random: Random, _: str, __: int) -> None:
    visible = [delivery for delivery in world.queue if delivery.visible]
    worker = world.receive(*random.sample(visible, min(len(visible), random.choice((1, 1, 2))))) if visible else None
    if worker:
        world.advance(worker, random.randint(1, 12))


def _advance(world: World, random: Random, _: str, __: int) -> None:
    if world.workers:
        world.advance(random.choice(world.workers), random.randint(1, 12), random.choice(_FATES))


def _crash(world: World, random: Random, _: str, __: int) -> None:
    if world.workers:
        world.crash(random.choice(world.workers))


def _show_again(world: World, random: Random, _: str, __: int) -> None:
    if world.workers:
        random.choice(random.choice(world.workers).deliveries).visible = True


def _duplicate(world: World, random: Random, _: str, __: int) -> None:
    if world.queue:
        copied = random.choice(world.queue)
        world.queue.append(type(copied)(copied.body))


def _redrive(world: World, _: Random, __: str, ___: int) -> None:
    world.redrive()


def _deploy(world: World, random: Random, _: str, __: int) -> None:
    world.deploy(random.choice(world.recipes))


_ACTIONS: Final = (
    _upload, _copy_in_place, _remove, _receive, _advance, _crash, _show_again, _duplicate, _redrive, _deploy
)  # fmt: skip
_WEIGHTS: Final = (12, 8, 8, 20, 30, 2, 3, 3, 1, 4)


def main(argv: list[str] | None = None) -> int:
    """Walk; exit status 1 at the first broken promise, with its seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.worker.reconcile.faults.walk", description=main.__doc__)
    parser.add_argument("--walks", type=int, default=20_000, help="of each kind (default 20,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first one")
    arguments = parser.parse_args(argv)
    kinds: dict[str, Callable[[], World]] = {
        "pictures that come back": World,
        "pictures that are unique": lambda: World(unique=True),
        "two attempts a message": lambda: World(max_receive_count=2),
        "originals that may be archived": lambda: World(archives=True),
        "deployments that wait, without an audit": lambda: World(audited=False),
        "pictures that are cropped": lambda: World(recipe=CROPS),
        "unique pictures that are cropped": lambda: World(recipe=CROPS, unique=True),
    }
    for name, make_world in kinds.items():
        began = time.monotonic()
        for seed in range(arguments.seed, arguments.seed + arguments.walks):
            try:
                walk(seed, make_world)
            except AssertionError as exc:
                sys.stderr.write(f"{name}, seed {seed}: {exc}\n")
                return 1
        sys.stdout.write(f"{arguments.walks:,} walks, {name}: nothing lost, {time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
