"""Makes the outputs of one source key agree with what the source bucket holds now.

The heads of the outputs are taken before the source is read, and every write is conditional on them: a slow worker that
holds an old picture can therefore never overwrite what was made from a newer one; it fails, starts again and sees the
newer source. The manifest is the commit mark and goes last. Knows nothing of messages, queues or Lambda.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.errors import Conflict, KeyTooLong, Reject, TooLarge
from worker.images import Rendition, render
from worker.keys import manifest_key, rendition_key
from worker.manifest import CONTENT_TYPE, Manifest, RenditionEntry, SourceEntry
from worker.recipe import recipe_of
from worker.store import NotModified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.recipe import RenditionSpec
    from worker.store import Head, Outputs, Source, Sources

    Heads = Mapping[str, Head | None]

ROUNDS: Final = 3
"""Attempts against somebody who keeps being faster; after that the message waits its turn."""

READY: Final = "ready"
UNCHANGED: Final = "unchanged"
REMOVED: Final = "removed"


@dataclass(frozen=True)
class Reconciled:
    """What was done for a key: `READY`, `UNCHANGED` or `REMOVED`, and for a ready one its manifest."""

    result: str
    manifest: Manifest | None = None


@dataclass(frozen=True)
class Reconciler:
    """Reconciles keys of one deployment.

    Attributes:
        bucket: Name of the source bucket, for manifests.
        sources: The source bucket.
        outputs: The output bucket.
        publish: Tells the completion topic; returns once the message is safe.
        specs: The renditions to make.
        memory_bytes: The memory of the process.
        now: The time, in UTC.
    """

    bucket: str
    sources: Sources
    outputs: Outputs
    publish: Callable[[Manifest], None]
    specs: tuple[RenditionSpec, ...]
    memory_bytes: int
    now: Callable[[], datetime]

    def __call__(self, key: str) -> Reconciled:
        """Reconcile `key`.

        Raises:
            Reject: The picture cannot be rendered; its manifest says so.
            Retry: S3 or SNS could not be had, or others were faster `ROUNDS` times.
        """
        for _ in range(ROUNDS):
            try:
                return self._round(key)
            except Conflict as exc:
                conflict = exc
        raise conflict

    def _round(self, key: str) -> Reconciled:
        try:
            heads = self._heads(key)
        except KeyTooLong:
            if self.sources.get(key, unless=None) is None:
                return Reconciled(REMOVED)
            raise
        source = self.sources.get(key, unless=self._agreed_etag(heads))
        if source is None:
            return self._remove(heads)
        if isinstance(source, NotModified):
            return Reconciled(UNCHANGED)
        return self._make(key, source, heads)

    def _heads(self, key: str) -> Heads:
        """HEAD every output, the manifest last."""
        keys = [*(rendition_key(spec, key) for spec in self.specs), manifest_key(key)]
        return {output: self.outputs.head(output) for output in keys}

    def _agreed_etag(self, heads: Heads) -> str | None:
        """Return the ETag of the source that all outputs are current for, None if they are not of one mind."""
        etags = {self._etag_behind(head) for head in heads.values()}
        return etags.pop() if len(etags) == 1 else None

    def _etag_behind(self, head: Head | None) -> str | None:
        """Return the ETag of the source that an output was made from, None if it is missing or of another recipe."""
        if head is None or head.metadata.get("recipe") != recipe_of(self.specs):
            return None
        return head.metadata.get("source-etag")

    def _remove(self, heads: Heads) -> Reconciled:
        for key, head in heads.items():
            if head is not None:
                self.outputs.delete(key, expected=head)
        return Reconciled(REMOVED)

    def _make(self, key: str, source: Source, heads: Heads) -> Reconciled:
        entry = SourceEntry(self.bucket, key, source.etag.strip('"'), source.version_id, source.size)
        try:
            manifest = self._render(entry, source, heads)
        except Reject as exc:
            rejection = Manifest.rejected(entry, recipe_of(self.specs), self.now(), exc)
            # Without a recipe the mark never agrees with anything: a rejected picture is looked at again every time.
            self._commit(rejection, {"source-etag": source.etag, "reason": exc.reason}, heads)
            raise
        self._commit(manifest, self._marks(source), heads)
        return Reconciled(READY, manifest)

    def _render(self, entry: SourceEntry, source: Source, heads: Heads) -> Manifest:
        """Render and write what is missing or outdated; return the manifest of all."""
        self._admit(source)
        marks = self._marks(source)
        wanted = [s.name for s in self.specs if self._etag_behind(heads[rendition_key(s, entry.key)]) != source.etag]
        rendered = render(source.read(), self.specs, wanted=wanted, memory_bytes=self.memory_bytes)
        made = {rendition.name: rendition for rendition in rendered.renditions}
        entries = []
        for spec in self.specs:
            output = rendition_key(spec, entry.key)
            head = heads[output]
            if spec.name in made:
                self._put(output, made[spec.name], marks, head)
                entries.append(_entry_of(output, made[spec.name]))
            elif head is not None:
                entries.append(_entry_from(output, spec, head))
        facts = rendered.source
        known = SourceEntry(
            entry.bucket, entry.key, entry.etag, entry.version_id, entry.bytes, facts.format, facts.width, facts.height
        )
        return Manifest.ready(known, marks["recipe"], self.now(), entries, rendered.notes)

    def _admit(self, source: Source) -> None:
        """Refuse a file of which the bytes alone would fill the memory, before they are downloaded."""
        if source.size > self.memory_bytes // 2:
            raise TooLarge(
                f"The file has {source.size:,} bytes; with {self.memory_bytes // 2**20} MB of memory half as many fit."
                f" Upload a smaller one, or set workerMemory to {2 * source.size // 2**20 + 1} or more."
            )

    def _marks(self, source: Source) -> dict[str, str]:
        return {"source-etag": source.etag, "recipe": recipe_of(self.specs)}

    def _put(self, key: str, rendition: Rendition, marks: Mapping[str, str], head: Head | None) -> None:
        metadata = {**marks, "width": str(rendition.width), "height": str(rendition.height)}
        self.outputs.put(key, rendition.data, rendition.content_type, metadata, expected=head)

    def _commit(self, manifest: Manifest, metadata: Mapping[str, str], heads: Heads) -> None:
        """Tell first, then mark as told: a crash in between tells twice, never not at all."""
        self.publish(manifest)
        key = manifest_key(manifest.source.key)
        self.outputs.put(key, manifest.to_json().encode(), CONTENT_TYPE, metadata, expected=heads[key])


def _entry_of(key: str, rendition: Rendition) -> RenditionEntry:
    return RenditionEntry(
        rendition.name, key, rendition.width, rendition.height, len(rendition.data), rendition.content_type
    )


def _entry_from(key: str, spec: RenditionSpec, head: Head) -> RenditionEntry:
    width, height = int(head.metadata["width"]), int(head.metadata["height"])
    return RenditionEntry(spec.name, key, width, height, head.size, spec.content_type)
