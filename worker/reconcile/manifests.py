"""Writes down what became of a source, by the recipe that was used: the manifest. Makes no request."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from worker.contracts.manifest import Manifest, PictureEntry, RenditionEntry, SourceEntry
from worker.reconcile.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from worker.contracts.errors import Reject
    from worker.contracts.recipes.by_prefix import Recipe
    from worker.images import Rendered
    from worker.reconcile.sources import Source


@dataclass(frozen=True)
class Manifests:
    """Manifests of the sources in `bucket`; `now` is the time, in UTC."""

    bucket: str
    recipe: Recipe
    now: Callable[[], datetime]

    def ready(
        self, source: Source, rendered: Rendered, entries: Sequence[RenditionEntry], notes: Iterable[str]
    ) -> Manifest:
        """Return that of a picture whose renditions can be read; `notes` are those on renditions that were made before."""
        facts = rendered.source
        known = replace(self._entry(source), format=facts.format, width=facts.width, height=facts.height)
        picture = PictureEntry(facts.width, facts.height, **asdict(rendered.look))
        every = {*rendered.notes, *Identity.of(source, self.recipe).notes, *notes}
        return Manifest.ready(known, self.recipe, self.now(), entries, sorted(every), picture)

    def rejected(self, source: Source, error: Reject) -> Manifest:
        """Return that of a picture that cannot be rendered as it is."""
        return Manifest.rejected(self._entry(source), self.recipe, self.now(), error)

    def _entry(self, source: Source) -> SourceEntry:
        etag, focus = source.etag.strip('"'), Identity.of(source, self.recipe).own_focus
        return SourceEntry(self.bucket, source.key, etag, source.version_id, source.size, focus=focus)
