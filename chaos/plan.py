"""What is done to the pipeline in a run: a list of actions that a seed decides, and what must be true when all is quiet.

Pure: the same numbers give the same plan, on every computer.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chaos.pictures.poison import DEADLY, POISON
from chaos.pictures.versions import VERSIONS, draw
from chaos.stack.recipes import BEGINNING, CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from worker.contracts.recipes.by_prefix import Recipes

POISONED: Final = 0.02
"""Of the uploads."""
DELETED: Final = 0.1
"""Deletions, as a share of the uploads."""
REPEATED: Final = 0.3
"""Events that are sent again, as a share of the uploads."""
LATEST: Final = 10
"""Seconds that a repeated event is late at most."""
_NAMES: Final = ("cats/{}.jpg", "Hündin & Welpe {}.png", "a+b/{} c.webp", "deep/er/{}.gif", "{}")


class PlanError(ValueError):
    """No plan is possible with these numbers; the message says which are."""


@dataclass(frozen=True)
class Upload:
    """A version of a picture, put in the place of whatever is there; `poison` is its kind, None if it is sound."""

    key: str
    version: int
    poison: str | None = None

    def data(self) -> bytes:
        """Return the file."""
        return POISON[self.poison](self.version) if self.poison else draw(self.version)


@dataclass(frozen=True)
class Delete:
    """The picture is removed, if it is there."""

    key: str


@dataclass(frozen=True)
class Repeat:
    """An event that names the keys is sent to the queue, which hands it out after `delay` seconds."""

    keys: tuple[str, ...]
    delay: int


@dataclass(frozen=True)
class Deploy:
    """Other recipes are deployed, whatever is under way."""

    recipes: Recipes


Action = Upload | Delete | Repeat | Deploy


@dataclass(frozen=True)
class Plan:
    """All actions in order.

    Attributes:
        seed: That decided them.
    """

    seed: int
    actions: tuple[Action, ...]
    _last: dict[str, Upload | None] = field(init=False, default_factory=dict)
    _poison: dict[str, set[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Note what each key ends as, and what it ever was."""
        for action in self.actions:
            if isinstance(action, Upload):
                self._last[action.key] = action
                self._poison.setdefault(action.key, set()).update({action.poison} - {None})  # type: ignore[arg-type]  # None is taken out
            elif isinstance(action, Delete):
                self._last[action.key] = None

    @property
    def last(self) -> Mapping[str, Upload | None]:
        """The upload that each key has in the end, None if it is removed."""
        return self._last

    def poison_of(self, key: str) -> set[str]:
        """Return every kind of poison that the key ever was: the reasons that a dead letter about it may have."""
        return self._poison.get(key, set())

    @property
    def recipes(self) -> Recipes:
        """Those of the last deployment."""
        return next((action.recipes for action in reversed(self.actions) if isinstance(action, Deploy)), BEGINNING)

    def count(self, kind: type[Action]) -> int:
        """Return how many actions are of a kind."""
        return sum(isinstance(action, kind) for action in self.actions)


def plan(seed: int, pictures: int, keys: int, changes: int = len(CHANGES)) -> Plan:
    """Return a plan of `pictures` uploads over `keys` keys, with the last `changes` of the recipes' changes in its middle.

    Raises:
        PlanError: Too many pictures to tell apart, or too few for every key and every deadly kind.
    """
    if not len(DEADLY) < keys <= pictures <= VERSIONS:
        raise PlanError(
            f"{pictures} pictures over {keys} keys: take {len(DEADLY) + 1} keys or more, and at least as "
            f"many pictures, {VERSIONS} at most"
        )
    rng = random.Random(seed)
    names = [_NAMES[number % len(_NAMES)].format(number) for number in range(keys)]
    actions = tuple(_actions(rng, _uploads(rng, names, pictures)))
    return Plan(seed, tuple(_with_deployments(actions, CHANGES[len(CHANGES) - changes :])))


def _with_deployments(actions: Sequence[Action], changes: Sequence[Recipes]) -> Iterator[Action]:
    """Yield the actions in equal parts with a deployment between any two."""
    places = {len(actions) * (number + 1) // (len(changes) + 1): each for number, each in enumerate(changes)}
    for number, action in enumerate(actions):
        if number in places:
            yield Deploy(places[number])
        yield action


def _uploads(rng: random.Random, names: Sequence[str], pictures: int) -> list[Upload]:
    """Return every key's first version, then others, 2 % of them poison; the deadly ones have a key to themselves.

    They would otherwise be replaced before they have done their harm, and they come early, because it takes them a while.
    """
    deadly = [Upload(key, version, kind) for version, (key, kind) in enumerate(zip(names, DEADLY, strict=False))]
    others = names[len(deadly) :]
    keys = [*others, *rng.choices(others, k=pictures - len(names))]
    rng.shuffle(keys)
    kinds = [kind for kind in POISON if kind not in DEADLY]
    bad = rng.sample(range(len(keys)), max(0, round(pictures * POISONED) - len(deadly)))
    poison = {place: kinds[number % len(kinds)] for number, place in enumerate(bad)}
    uploads = [Upload(key, len(deadly) + place, poison.get(place)) for place, key in enumerate(keys)]
    for upload in deadly:
        uploads.insert(rng.randrange(1 + len(uploads) // 10), upload)
    return uploads


def _actions(rng: random.Random, uploads: Sequence[Upload]) -> Iterator[Action]:
    """Yield the uploads with deletions and repeated events among them."""
    seen: list[str] = []
    for upload in uploads:
        yield upload
        if upload.poison not in DEADLY:
            seen.append(upload.key)
        if seen and rng.random() < DELETED:
            yield Delete(rng.choice(seen))
        if seen and rng.random() < REPEATED:
            keys = rng.choices(seen, k=rng.choice((1, 1, 1, 2)))
            yield Repeat(tuple(keys), rng.randrange(LATEST + 1))
