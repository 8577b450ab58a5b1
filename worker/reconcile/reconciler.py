"""Makes the outputs of one source key agree with what the source bucket holds now.

Three things make that hold against duplicates, delays, slow workers and crashes; tests/faults shows what breaks without:

- The heads of the outputs are taken before the source is read, and every write is conditional on them. A slow worker
  that holds an old picture fails instead of overwriting what was made from a newer one.
- The manifest is the commit mark and goes last, behind the renditions that it names.
- The completion message is published before the commit, so that a crash in between publishes it twice, never not at all;
  and after a HEAD of the source, so that none is published for a version that was replaced before it was ready.
- After the commit, the source gets a HEAD once more. A conditional write can succeed and be stale: deleted outputs, or a
  source replaced and restored with the same bytes, look unchanged.

A failed condition starts the round again. Knows nothing of messages, queues or Lambda.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from worker.contracts.errors import Conflict, KeyTooLong, Reject
from worker.contracts.keys import listing, manifest_key, rendition_key
from worker.contracts.manifest import CONTENT_TYPE, Manifest, RenditionEntry, SourceEntry
from worker.contracts.recipe import recipe_of
from worker.process.parallel import one_by_one
from worker.reconcile.buckets import NotModified, Source
from worker.reconcile.output_heads import Heads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from worker.contracts.recipe import RenditionSpec
    from worker.images import Rendered, Rendition
    from worker.process.parallel import Gather
    from worker.reconcile.buckets import Head, Outputs, Sources
    from worker.reconcile.originals import Originals
    from worker.rendering.renderer import Trial

    Publish = Callable[[Manifest], None]
    Render = Callable[[Source, Sequence[str], Trial], Rendered]

ROUNDS: Final = 3
"""Attempts against another writer that keeps being faster; after that the message is retried later."""

READY: Final = "ready"
UNCHANGED: Final = "unchanged"
REMOVED: Final = "removed"


@dataclass(frozen=True)
class Reconciled:
    """What was done for a key: `READY`, `UNCHANGED` or `REMOVED`, and for a ready one its manifest."""

    result: str
    manifest: Manifest | None = None

    @property
    def version(self) -> str | None:
        """The source's version, where it is known and S3 named one."""
        return self.manifest.source.version_id if self.manifest else None


@dataclass(frozen=True)
class Reconciler:
    """Reconciles keys of one deployment.

    Attributes:
        bucket: Name of the source bucket, for manifests.
        sources: The source bucket.
        outputs: The output bucket.
        publish: Publishes the completion message of a manifest, or raises `Retry`; None where there is no topic.
        specs: The renditions to make.
        render: Makes them.
        now: The time, in UTC.
        originals: Who is told which of them may be archived; None where none are.
        gather: Makes requests of which none depends on another, in whatever order.
    """

    bucket: str
    sources: Sources
    outputs: Outputs
    publish: Publish | None
    specs: tuple[RenditionSpec, ...]
    render: Render
    now: Callable[[], datetime]
    originals: Originals | None = None
    gather: Gather = one_by_one

    @property
    def _recipe(self) -> str:
        return recipe_of(self.specs)

    def __call__(self, key: str, trial: Trial) -> Reconciled:
        """Reconcile `key`.

        Raises:
            Reject: The picture cannot be rendered; its manifest says so.
            Retry: S3 or SNS did not answer or refused, or another writer was faster `ROUNDS` times.
        """
        for _ in range(ROUNDS):
            try:
                return self._round(key, trial)
            except Conflict as exc:
                conflict = exc
        raise conflict

    def _round(self, key: str, trial: Trial) -> Reconciled:
        try:
            heads = Heads.of(key, self.specs, self.outputs, self.gather)
        except KeyTooLong as exc:
            return self._refuse(key, exc)
        source = self.sources.get(key, unless=heads.agreed_etag(self._recipe))
        if source is None:
            return self._remove(key, heads)
        if isinstance(source, NotModified):
            self._mark_unchanged(key, heads.agreed_etag(self._recipe))
            return Reconciled(UNCHANGED)
        return self._make(source, heads, trial)

    def _refuse(self, key: str, error: KeyTooLong) -> Reconciled:
        """Reject a picture whose outputs' keys are too long, its manifest's too: there is nothing to commit."""
        source = self.sources.get(key, unless=None)
        if not isinstance(source, Source):
            return Reconciled(REMOVED)
        error.version = source.version_id
        self._announce(Manifest.rejected(self._entry(source), self._recipe, self.now(), error), source.etag)
        raise error

    def _remove(self, key: str, heads: Heads) -> Reconciled:
        outputs = heads.existing() | ({manifest_key(key): heads.manifest} if heads.manifest else {})
        for output, head in outputs.items():
            self.outputs.delete(output, expected=head)
        if outputs:
            self._verify(key, None)
        return Reconciled(REMOVED)

    def _make(self, source: Source, heads: Heads, trial: Trial) -> Reconciled:
        entry = self._entry(source)
        try:
            manifest = self._render(entry, source, heads, _warned(trial, source, heads.manifest))
        except Reject as exc:
            exc.version = source.version_id
            rejection = Manifest.rejected(entry, self._recipe, self.now(), exc)
            self._commit_rejection(rejection, source, heads)
            self._verify(source.key, source.etag)
            if self.originals:
                self.originals.unmark(source.key, source.version_id)
            raise
        marks = self._marks(source) | {"renditions": listing(heads.renditions, source.key)}
        self._commit(manifest, marks, heads)
        self._verify(source.key, source.etag)
        if self.originals:
            self.originals.mark(source.key, source.version_id)
        return Reconciled(READY, manifest)

    def _mark_unchanged(self, key: str, etag: str | None) -> None:
        """Mark an original that is as it was when it became ready: whoever made its renditions may not have got to it."""
        if self.originals is None:
            return
        head = self.sources.head(key)
        if head is None or head.etag != etag:
            raise Conflict(f"{key} changed while it was looked at")
        self.originals.mark(key, head.version_id)

    def _entry(self, source: Source) -> SourceEntry:
        return SourceEntry(self.bucket, source.key, source.etag.strip('"'), source.version_id, source.size)

    def _render(self, entry: SourceEntry, source: Source, heads: Heads, trial: Trial) -> Manifest:
        """Render and write what is missing or outdated, delete what no recipe names; return the manifest of the rest."""
        by_key = {rendition_key(spec, entry.key): spec for spec in self.specs}
        current = heads.current_renditions(source.etag, self._recipe)
        wanted = [spec.name for key, spec in by_key.items() if key not in current]
        rendered = self.render(source, wanted, trial)
        made = {rendition.name: rendition for rendition in rendered.renditions}
        entries, puts = [], []
        for key, spec in by_key.items():
            head = heads.renditions[key]
            if spec.name in made:
                puts.append(partial(self._put, key, made[spec.name], self._marks(source), head))
                entries.append(_entry_of(key, made[spec.name]))
            elif head is not None:
                entries.append(_entry_from(key, spec, head))
        self.gather(puts)
        self.gather([partial(self.outputs.delete, key, expected=head) for key, head in heads.outdated.items()])
        facts = rendered.source
        known = replace(entry, format=facts.format, width=facts.width, height=facts.height)
        return Manifest.ready(known, self._recipe, self.now(), entries, rendered.notes)

    def _marks(self, source: Source) -> dict[str, str]:
        return {"source-etag": source.etag, "recipe": self._recipe}

    def _put(self, key: str, rendition: Rendition, marks: Mapping[str, str], head: Head | None) -> None:
        metadata = {**marks, "width": str(rendition.width), "height": str(rendition.height)}
        self.outputs.put(key, rendition.data, rendition.content_type, metadata, expected=head)

    def _commit_rejection(self, manifest: Manifest, source: Source, heads: Heads) -> None:
        """Commit without a recipe: no source agrees with such a manifest, so every redrive renders the picture anew."""
        marks = {"source-etag": source.etag, "renditions": listing(heads.existing(), manifest.source.key)}
        self._commit(manifest, {**marks, "reason": manifest.reason or ""}, heads)

    def _commit(self, manifest: Manifest, metadata: Mapping[str, str], heads: Heads) -> None:
        """Publish first, then commit: a crash in between publishes twice, never not at all."""
        self._announce(manifest, metadata["source-etag"])
        key = manifest_key(manifest.source.key)
        self.outputs.put(key, manifest.to_json().encode(), CONTENT_TYPE, metadata, expected=heads.manifest)

    def _announce(self, manifest: Manifest, etag: str) -> None:
        """Publish the completion message, unless the source is no longer the version `etag` that it is about."""
        if self.publish:
            self._verify(manifest.source.key, etag)
            self.publish(manifest)

    def _verify(self, key: str, etag: str | None) -> None:
        """Return if the source still is what was handled.

        Raises:
            Conflict: It was replaced, removed or put back meanwhile; no other worker may be left that sees it.
        """
        head = self.sources.head(key)
        if (head and head.etag) != etag:
            raise Conflict(f"{key} changed while it was handled")


def _warned(trial: Trial, source: Source, manifest: Head | None) -> Trial:
    """Render apart what is known to end its process, however fresh the message that asks for it."""
    if manifest is None or manifest.metadata.get("source-etag") != source.etag:
        return trial
    return replace(trial, apart=trial.apart or manifest.metadata.get("reason", "").startswith("decoder-"))


def _entry_of(key: str, rendition: Rendition) -> RenditionEntry:
    return RenditionEntry(
        rendition.name, key, rendition.width, rendition.height, len(rendition.data), rendition.content_type
    )


def _entry_from(key: str, spec: RenditionSpec, head: Head) -> RenditionEntry:
    width, height = int(head.metadata["width"]), int(head.metadata["height"])
    return RenditionEntry(spec.name, key, width, height, head.size, spec.content_type)
