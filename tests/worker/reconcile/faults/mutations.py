"""Reconcile with one of its safeguards taken out, each in a world where that breaks a promise."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from tests.worker.reconcile.faults.promises import ANYTHING, CROPS
from tests.worker.reconcile.faults.world import World
from worker.contracts.errors import Conflict, ServiceUnavailable
from worker.reconcile.identity import Identity
from worker.reconcile.output_heads import OutputHeads
from worker.reconcile.reconciler import UNCHANGED, Reconciled, Reconciler
from worker.reconcile.sources import NotModified, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.contracts.manifest import Manifest
    from worker.reconcile.outputs import Head, Outputs
    from worker.reconcile.reconciler import Publish
    from worker.reconcile.rejects import Rejects
    from worker.rendering.renderer import Budget


@dataclass
class Unconditional:
    """Outputs that ignore some conditions."""

    outputs: Outputs
    put_over: bool = False
    put_new: bool = False
    deletes: bool = False

    def head(self, key: str) -> Head | None:
        return self.outputs.head(key)

    def read(self, key: str, *, expected: Head) -> bytes:
        return self.outputs.read(key, expected=expected)

    def put(self, key: str, *arguments: Any, expected: Head | None) -> None:
        ignored = self.put_over if expected else self.put_new
        self.outputs.put(key, *arguments, expected=ANYTHING if ignored else expected)

    def delete(self, key: str, *, expected: Head) -> None:
        self.outputs.delete(key, expected=ANYTHING if self.deletes else expected)


@dataclass
class NotedOnly:
    """An index that forgets nothing."""

    rejects: Rejects

    def note(self, key: str, reason: str) -> None:
        self.rejects.note(key, reason)

    def forget(self, key: str, reason: str) -> None:
        """Do nothing."""


@dataclass
class ManifestFirst:
    """Outputs that write the manifest before the renditions that it names."""

    outputs: Outputs
    later: list[Callable[[], None]] = field(default_factory=list)

    def head(self, key: str) -> Head | None:
        return self.outputs.head(key)

    def read(self, key: str, *, expected: Head) -> bytes:
        return self.outputs.read(key, expected=expected)

    def put(self, key: str, *arguments: Any, expected: Head | None) -> None:
        if not key.startswith("manifest/"):
            self.later.append(lambda: self.outputs.put(key, *arguments, expected=expected))
            return
        self.outputs.put(key, *arguments, expected=expected)
        while self.later:
            self.later.pop(0)()

    def delete(self, key: str, *, expected: Head) -> None:
        self.outputs.delete(key, expected=expected)


class SourceBeforeHeads(Reconciler):
    """Reads the source first."""

    def _round(
        self, key: str, budget: Budget, leftovers: Sequence[str], *, assume: bool = False, looks: bool = False
    ) -> Reconciled:
        source = self.sources.get(key, unless=None)
        heads = OutputHeads.of(key, self.recipe, self.outputs, self.run_all, leftovers)
        if not isinstance(source, Source):
            return self._remove(key, heads)
        if heads.agreed_source(self.recipe.fingerprint) == Identity.of(source, self.recipe):
            return Reconciled(UNCHANGED)
        return self._make(source, heads, budget)


class NoHeadAfterCommit(Reconciler):
    """Makes no second HEAD of the source after the manifest of a good picture."""

    def _verify(self, key: str, source: Identity | None) -> None:
        if source is None or sys.exc_info()[0] is not None:
            super()._verify(key, source)


class NoHeadAfterReject(Reconciler):
    """Makes no second HEAD of the source after the manifest of a bad picture."""

    def _verify(self, key: str, source: Identity | None) -> None:
        if sys.exc_info()[0] is None:
            super()._verify(key, source)


class NoHeadAfterRemoval(Reconciler):
    """Makes no second HEAD of the source after the outputs are deleted."""

    def _verify(self, key: str, source: Identity | None) -> None:
        if source is not None:
            super()._verify(key, source)


class ConflictIsDone(Reconciler):
    """Assumes that a faster writer has done the work."""

    def __call__(self, key: str, budget: Budget, leftovers: Sequence[str] = (), looks: bool = False) -> Reconciled:
        try:
            return self._round(key, budget, leftovers, looks=looks)
        except Conflict:
            return Reconciled(UNCHANGED)


class ForgetsFormerRecipes(Reconciler):
    """Leaves a former recipe's renditions where they are."""

    def _commit(self, manifest: Manifest, metadata: Mapping[str, str], heads: OutputHeads) -> None:
        super()._commit(manifest, {**metadata, "renditions": ""}, heads)


class LeavesNothingToLaterGenerations(Reconciler):
    """Takes outputs of a later generation for outdated ones."""

    def _leave_to_later(self, heads: OutputHeads) -> None:
        """Do nothing."""


class ClaimsNothing(Reconciler):
    """Leaves outputs that are current under the earlier generation that made them."""

    def _claim(self, key: str, heads: OutputHeads) -> None:
        """Do nothing."""


class HearsOfNoLeftovers(Reconciler):
    """Deletes only what a manifest lists."""

    def __call__(self, key: str, budget: Budget, leftovers: Sequence[str] = (), looks: bool = False) -> Reconciled:
        return super().__call__(key, budget, looks=looks)


class CommitsBeforePublishing(Reconciler):
    """Writes the commit mark before the message is published."""

    def _commit(self, manifest: Manifest, metadata: Mapping[str, str], heads: OutputHeads) -> None:
        Reconciler._commit(replace(self, publish=None), manifest, metadata, heads)
        self._announce(manifest, Identity.in_marks(metadata))


class ForgetsRejectsLast(Reconciler):
    """Takes a former reject out of the index when all is done, and another worker may have rejected the picture anew."""

    def _make(self, source: Source, heads: OutputHeads, budget: Budget) -> Reconciled:
        made = Reconciler._make(replace(self, rejects=NotedOnly(self.rejects)), source, heads, budget)
        self._forget_reject(source.key, heads)
        return made


class MarksOnlyWhatItRendered(Reconciler):
    """Leaves an original untagged that another worker rendered and did not tag."""

    def _mark_unchanged(self, key: str, known: Identity | None) -> None:
        """Do nothing."""


class NoHeadBeforePublishing(Reconciler):
    """Publishes a message of a version that may have been replaced before all of it was there."""

    def _announce(self, manifest: Manifest, source: Identity) -> None:
        assert self.publish
        self.publish(manifest)


class KnowsSourcesByTheirETags(Reconciler):
    """Takes a copy with another focus for the same picture when it looks which source is there."""

    def _read(self, key: str, known: Identity | None) -> Source | NotModified | None:
        return self.sources.get(key, unless=known and known.etag)


class VerifiesETags(Reconciler):
    """Takes a copy with another focus for the same picture when it looks whether the source still is what it handled."""

    def _verify(self, key: str, source: Identity | None) -> None:
        head = self.sources.head(key)
        super()._verify(key, Identity.of(head, self.recipe) if head and source and head.etag == source.etag else source)


def _careless(publish: Publish) -> Publish:
    """Ignore that SNS did not take the message."""

    def published(manifest: Manifest) -> None:
        with suppress(ServiceUnavailable):
            publish(manifest)

    return published


def _through(**ignored: bool) -> Callable[[Outputs], Outputs]:
    return lambda outputs: Unconditional(outputs, **ignored)


MUTATIONS: Final[Mapping[str, Callable[[], World]]] = {
    "no If-Match on PUT": lambda: World(unique=True, view=_through(put_over=True)),
    "no If-None-Match on PUT": lambda: World(unique=True, view=_through(put_new=True)),
    "no If-Match on DELETE": lambda: World(unique=True, view=_through(deletes=True)),
    "source before heads": lambda: World(unique=True, reconciler=SourceBeforeHeads),
    "manifest first": lambda: World(unique=True, view=ManifestFirst),
    "no second HEAD after a commit": lambda: World(reconciler=NoHeadAfterCommit),
    "no second HEAD after a removal": lambda: World(pictures=(b"one",), reconciler=NoHeadAfterRemoval),
    "no second HEAD after a reject": lambda: World(unique=True, reconciler=NoHeadAfterReject),
    "a conflict is done": lambda: World(reconciler=ConflictIsDone),
    "former recipes are forgotten": lambda: World(audited=False, reconciler=ForgetsFormerRecipes),
    "an unchanged original is not marked": lambda: World(archives=True, reconciler=MarksOnlyWhatItRendered),
    "later generations are outdated": lambda: World(reconciler=LeavesNothingToLaterGenerations),
    "current outputs are not claimed": lambda: World(pictures=(b"one",), recipes=(0, 2), reconciler=ClaimsNothing),
    "an audit's leftovers are ignored": lambda: World(reconciler=HearsOfNoLeftovers),
    "commit before publishing": lambda: World(unique=True, reconciler=CommitsBeforePublishing),
    "no HEAD before publishing": lambda: World(unique=True, reconciler=NoHeadBeforePublishing),
    "an original is known by its ETag": lambda: World(recipe=CROPS, reconciler=KnowsSourcesByTheirETags),
    "the second HEAD compares ETags": lambda: World(
        pictures=(b"one",), recipe=CROPS, recipes=(CROPS,), reconciler=VerifiesETags
    ),
    "rejects are forgotten last": lambda: World(
        pictures=(b"one", b"bad", b"bad two"), recipes=(0,), reconciler=ForgetsRejectsLast
    ),
    "a topic that is down is ignored": lambda: World(unique=True, publishing=_careless),
}
