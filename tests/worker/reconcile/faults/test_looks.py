"""Manifests that are written anew for their look and their addresses, in the middle of everything else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.worker.fakes import MemoryOutputs
from tests.worker.reconcile.faults.promises import BUCKET, KEYS
from tests.worker.reconcile.faults.walk import walk
from tests.worker.reconcile.faults.world import Delivery, World
from worker.contracts.events import event_body
from worker.contracts.keys import manifest_key
from worker.contracts.manifest import READY
from worker.reconcile.reconciler import Reconciled, Reconciler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.rendering.renderer import Budget

WALKS = 150


def _origin(generation: int) -> str:
    return f"https://{generation}.example"


@dataclass(frozen=True)
class OfOneDeployment(Reconciler):
    """The worker of a deployment, each of which delivers from another address."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", _origin(self.recipe.generation))


@dataclass(frozen=True)
class Deaf(OfOneDeployment):
    """Never hears that a look is asked for."""

    def __call__(self, key: str, budget: Budget, leftovers: Sequence[str] = (), looks: bool = False) -> Reconciled:
        return super().__call__(key, budget, leftovers)


@dataclass
class Recording(MemoryOutputs):
    """Remembers the bytes of every version of a rendition."""

    written: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, data: bytes, content_type: str, metadata: Mapping[str, str], **expected: Any) -> None:
        super().put(key, data, content_type, metadata, **expected)
        if "version" in metadata:
            assert self.written.setdefault(metadata["version"], data) == data


@dataclass
class Delivering(World):
    """Each deployment, also of the same recipe, has every manifest name its own addresses."""

    outputs: Recording = field(default_factory=Recording)

    def deploy(self, recipe: int) -> None:
        super().deploy(recipe)
        self.generation += 1
        self.queue += [Delivery(event_body(BUCKET, key, looks=True)) for key in KEYS]

    def check(self) -> None:
        super().check()
        for key in KEYS:
            stored = self.outputs.objects.get(manifest_key(key))
            manifest = json.loads(stored.data) if stored else {}
            if manifest.get("type") == READY and not self._given_up(key):
                assert manifest["picture"], f"the manifest of {key} has no look"
                for each in manifest["renditions"]:
                    self._check_address(each)

    def _check_address(self, entry: dict[str, Any]) -> None:
        """Fail if it is not of this delivery, or of a version with other bytes than there are now.

        Two workers may write the very same bytes, each as a version of its own: S3 does not tell them apart, nor need a page.
        """
        key, version = entry["key"], entry["version"]
        assert entry["url"] == f"{_origin(self.generation)}/{key}?v={version}", (
            f"{key} has an address of another delivery"
        )
        assert self.outputs.written[version] == self.outputs.objects[key].data, f"{key} has an address of other bytes"


@pytest.mark.parametrize(
    "options", [{}, {"recipes": (0,)}, {"unique": True}, {"max_receive_count": 2}, {"archives": True}], ids=str
)
def test_in_the_end_every_manifest_has_a_look_and_the_present_addresses(options):
    """Whatever fails, crashes or comes twice meanwhile; and every promise holds as it does without looks."""
    for seed in range(WALKS):
        walk(seed, lambda: Delivering(**options, reconciler=OfOneDeployment))


def test_without_the_question_there_are_former_addresses():
    """The walks above do ask for looks of what is current."""

    def walk_on() -> None:
        for seed in range(WALKS):
            walk(seed, lambda: Delivering(recipes=(0,), reconciler=Deaf))

    with pytest.raises(AssertionError, match="address of another"):
        walk_on()
