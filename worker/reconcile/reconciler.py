"""Makes the outputs of one source key agree with what the source bucket holds now.

Four things make that hold against duplicates, delays, slow workers and crashes; tests/worker/reconcile/faults shows what
breaks without each:

- The heads of the outputs are taken before the source is read, and every write is conditional on them. A slow worker
  that holds an old picture fails instead of overwriting what was made from a newer one.
- The manifest is the commit mark and goes last, behind the renditions that it names.
- The completion message is published before the commit, so that a crash in between publishes it twice, never not at all;
  and after a HEAD of the source, so that none is published for a version that was replaced before it was ready.
- After the commit, the source gets a HEAD once more. A conditional write can succeed and be stale: deleted outputs, or a
  source replaced and restored with the same bytes, look unchanged.

Which source it is, its ETag says, and its focus where something is cropped (`worker/reconcile/identity.py`).

A failed condition starts the round again.

While a deployment changes the recipes, workers of two generations run side by side. What a later generation made is left to it;
and outputs that are current although an earlier one made them get a manifest of this one, so that a worker of a generation in
between, which had a look before, cannot commit what it makes of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import Conflict, KeyTooLong, NewerRecipe, Reject
from worker.contracts.keys import listing, manifest_key
from worker.contracts.manifest import CONTENT_TYPE, notes_in, of_generation
from worker.process.parallel import sequentially
from worker.reconcile.identity import Identity
from worker.reconcile.manifests import Manifests
from worker.reconcile.output_heads import LOOK, NOWHERE, OutputHeads
from worker.reconcile.renditions import Renditions, marks_of
from worker.reconcile.sources import NotModified, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from worker.contracts.manifest import Manifest
    from worker.contracts.recipes.by_prefix import Recipe
    from worker.process.parallel import RunAll
    from worker.reconcile.originals import Originals
    from worker.reconcile.outputs import Outputs
    from worker.reconcile.rejects import Rejects
    from worker.reconcile.renditions import Render
    from worker.reconcile.sources import Sources
    from worker.rendering.renderer import Budget

    Publish = Callable[[Manifest], None]

ROUNDS: Final = 3
"""Attempts against another writer that keeps being faster; after that the message is retried later."""

READY: Final = "ready"
UNCHANGED: Final = "unchanged"
REMOVED: Final = "removed"
IGNORED: Final = "ignored"


@dataclass(frozen=True)
class Reconciled:
    """What was done for a key: `READY`, `UNCHANGED`, `REMOVED` or `IGNORED`, and for a ready one its manifest."""

    result: str
    manifest: Manifest | None = None

    @property
    def version(self) -> str | None:
        """The source's version, where it is known and S3 named one."""
        return self.manifest.source.version_id if self.manifest else None


@dataclass(frozen=True)
class Reconciler:
    """Reconciles the keys of one recipe.

    Attributes:
        bucket: Name of the source bucket, for manifests.
        sources: The source bucket.
        outputs: The output bucket.
        publish: Publishes the completion message of a manifest, or raises `Retry`; None where there is no topic.
        recipe: What to make.
        render: Makes its renditions.
        now: The time, in UTC.
        rejects: Which pictures are rejected.
        originals: Marks those that may be archived; None where none are.
        run_all: Makes requests of which none depends on another, in any order.
        origin: Where pages find the outputs; empty where nothing delivers them.
    """

    bucket: str
    sources: Sources
    outputs: Outputs
    rejects: Rejects
    publish: Publish | None
    recipe: Recipe
    render: Render
    now: Callable[[], datetime]
    originals: Originals | None = None
    run_all: RunAll = sequentially
    origin: str = ""

    def __call__(self, key: str, budget: Budget, leftovers: Sequence[str] = (), looks: bool = False) -> Reconciled:
        """Reconcile `key`; `leftovers` are keys of renditions which may have to go although no manifest lists them.

        With `looks`, a manifest without a look is written anew although all else is current; no rendition is.

        Raises:
            Reject: The picture cannot be rendered; its manifest says so.
            Retry: S3 or SNS did not answer or refused, or another writer was faster `ROUNDS` times.
        """
        # A suspect's first attempt may have left renditions: assumed to be missing, they would be made in vain.
        assume = not (leftovers or budget.in_child or self.recipe.is_ignored)
        for attempt in range(ROUNDS):
            try:
                return self._round(key, budget, leftovers, assume=assume and attempt == 0, looks=looks)
            except Conflict as exc:
                conflict = exc
        raise conflict

    def _round(
        self, key: str, budget: Budget, leftovers: Sequence[str], *, assume: bool = False, looks: bool = False
    ) -> Reconciled:
        try:
            heads = OutputHeads.of(key, self.recipe, self.outputs, self.run_all, leftovers, assume=assume)
        except KeyTooLong as exc:
            return self._refuse(key, exc)
        if self.recipe.is_ignored:
            self._delete_all(key, heads)
            return Reconciled(IGNORED)
        known = heads.agreed_source(self.recipe.fingerprint)
        source = self._read(key, None if looks and not heads.has_look(self.origin) else known)
        if source is None:
            return self._remove(key, heads)
        if isinstance(source, NotModified):
            return self._leave(key, heads)
        return self._make(source, heads, budget)

    def _leave(self, key: str, heads: OutputHeads) -> Reconciled:
        """Leave outputs that are current."""
        self._claim(key, heads)
        self._mark_unchanged(key, heads.agreed_source(self.recipe.fingerprint))
        return Reconciled(UNCHANGED)

    def _read(self, key: str, known: Identity | None) -> Source | NotModified | None:
        """Return the source, or that it still is the `known` one.

        Where something is cropped, a HEAD says so: what S3 answers to a condition is about the ETag, and says nothing of the focus.
        """
        if known is None or not self.recipe.crops:
            return self.sources.get(key, unless=known and known.etag)
        head = self.sources.head(key)
        if head and Identity.of(head, self.recipe) == known:
            return NotModified()
        return self.sources.get(key, unless=None)

    def _refuse(self, key: str, error: KeyTooLong) -> Reconciled:
        """Reject a picture whose outputs' keys are too long, its manifest's too: there is nothing to commit."""
        source = self.sources.get(key, unless=None)
        if not isinstance(source, Source):
            return Reconciled(REMOVED)
        error.version = source.version_id
        self._announce(self._manifests.rejected(source, error), Identity.of(source, self.recipe))
        raise error

    def _remove(self, key: str, heads: OutputHeads) -> Reconciled:
        if heads.assumed:
            raise Conflict(f"{key} is gone, and nobody has looked for its renditions")
        if self._delete_all(key, heads):
            self._verify(key, None)
        return Reconciled(REMOVED)

    def _delete_all(self, key: str, heads: OutputHeads) -> bool:
        """Delete every output, and return whether there was one."""
        self._leave_to_later(heads)
        self._forget_reject(key, heads)
        outputs = heads.existing() | ({manifest_key(key): heads.manifest} if heads.manifest else {})
        for output, head in outputs.items():
            self.outputs.delete(output, expected=head)
        return bool(outputs)

    def _leave_to_later(self, heads: OutputHeads) -> None:
        """Return if no output is of a later generation than this worker.

        Raises:
            NewerRecipe: One is, and it is not for this worker to change.
        """
        if heads.generation > self.recipe.generation:
            raise NewerRecipe(
                f"Generation {heads.generation} of the recipes made some of its outputs, and this worker has generation"
                f" {self.recipe.generation}: a deployment is under way, and the next attempt gets a worker of the later one."
            )

    def _claim(self, key: str, heads: OutputHeads) -> None:
        """Write the manifest of outputs that are current anew under this generation, where an earlier one made it."""
        manifest = heads.manifest
        if manifest is None or int(manifest.metadata.get("generation") or 0) >= self.recipe.generation:
            return
        document = of_generation(self.outputs.read(manifest_key(key), expected=manifest), self.recipe.generation)
        metadata = {**manifest.metadata, "generation": str(self.recipe.generation)}
        self.outputs.put(manifest_key(key), document, CONTENT_TYPE, metadata, expected=manifest)

    def _make(self, source: Source, heads: OutputHeads, budget: Budget) -> Reconciled:
        self._leave_to_later(heads)
        identity = Identity.of(source, self.recipe)
        try:
            manifest = self._render(source, heads, budget)
        except Reject as exc:
            if self._is_current(source, heads):  # Only its look cannot be had, and no picture is given up for that.
                return self._leave(source.key, heads)
            exc.version = source.version_id
            self._commit_rejection(self._manifests.rejected(source, exc), source, heads)
            self.rejects.note(source.key, exc.reason)
            self._verify(source.key, identity)
            if self.originals:
                self.originals.unmark(source.key, source.version_id)
            raise
        renditions = listing(heads.renditions, source.key)
        marks = {**marks_of(identity, self.recipe), "renditions": renditions, LOOK: self.origin or NOWHERE}
        self._commit(manifest, marks, heads)
        self._verify(source.key, identity)
        if self.originals:
            self.originals.mark(source.key, source.version_id)
        return Reconciled(READY, manifest)

    def _render(self, source: Source, heads: OutputHeads, budget: Budget) -> Manifest:
        renditions = Renditions(self.outputs, self.recipe, self.render, self.run_all, self.now, self.origin)
        rendered, entries = renditions.update(source, heads, budget)
        return self._manifests.ready(source, rendered, entries, self._former_notes(source, heads))

    def _is_current(self, source: Source, heads: OutputHeads) -> bool:
        return heads.agreed_source(self.recipe.fingerprint) == Identity.of(source, self.recipe)

    def _former_notes(self, source: Source, heads: OutputHeads) -> tuple[str, ...]:
        """Return the notes on renditions that were made before, where none was now."""
        if heads.manifest is None or not self._is_current(source, heads):
            return ()
        return notes_in(self.outputs.read(manifest_key(source.key), expected=heads.manifest))

    @property
    def _manifests(self) -> Manifests:
        return Manifests(self.bucket, self.recipe, self.now)

    def _mark_unchanged(self, key: str, known: Identity | None) -> None:
        """Mark an original whose outputs are current: the worker that made them may have ended before it marked."""
        if self.originals is None:
            return
        head = self.sources.head(key)
        if head is None or Identity.of(head, self.recipe) != known:
            raise Conflict(f"{key} changed between two requests")
        self.originals.mark(key, head.version_id)

    def _commit_rejection(self, manifest: Manifest, source: Source, heads: OutputHeads) -> None:
        """Commit without a recipe: no source agrees with such a manifest, so every redrive renders the picture anew."""
        renditions = listing(heads.existing(), source.key)
        metadata = {
            **Identity.of(source, self.recipe).marks,
            "generation": str(self.recipe.generation),
            "renditions": renditions,
            "reason": manifest.reason or "",
        }
        self._commit(manifest, metadata, heads)

    def _commit(self, manifest: Manifest, metadata: Mapping[str, str], heads: OutputHeads) -> None:
        """Publish first, then commit: a crash in between publishes twice, never not at all."""
        self._announce(manifest, Identity.in_marks(metadata))
        self._forget_reject(manifest.source.key, heads, unless=manifest.reason)
        key = manifest_key(manifest.source.key)
        self.outputs.put(key, manifest.to_json().encode(), CONTENT_TYPE, metadata, expected=heads.manifest)

    def _forget_reject(self, key: str, heads: OutputHeads, *, unless: str | None = None) -> None:
        """Take a former reject out of the index, before its manifest goes, `unless` it is rejected for that again."""
        former = heads.manifest.metadata.get("reason") if heads.manifest else None
        if former and former != unless:
            self.rejects.forget(key, former)

    def _announce(self, manifest: Manifest, source: Identity) -> None:
        """Publish the completion message, unless the source is no longer the one that it is about."""
        if self.publish:
            self._verify(manifest.source.key, source)
            self.publish(manifest)

    def _verify(self, key: str, source: Identity | None) -> None:
        """Return if the source still is the one that was handled; None: if there is none.

        Raises:
            Conflict: It was replaced, removed or put back meanwhile; no other worker may be left that sees it.
        """
        head = self.sources.head(key)
        if (head and Identity.of(head, self.recipe)) != source:
            raise Conflict(f"{key} changed while it was handled")
