"""The renditions of one source: rendered and written where they are missing or outdated, deleted where no recipe names them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from worker.contracts.addresses import address
from worker.contracts.keys import rendition_key
from worker.contracts.manifest import RenditionEntry
from worker.reconcile.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from worker.contracts.recipes.by_prefix import Recipe
    from worker.contracts.recipes.specs import RenditionSpec
    from worker.images import Rendered, Rendition
    from worker.process.parallel import RunAll
    from worker.reconcile.output_heads import OutputHeads
    from worker.reconcile.outputs import Head, Outputs
    from worker.reconcile.sources import Source
    from worker.rendering.renderer import Budget

    Render = Callable[[Source, Sequence[str], Budget], Rendered]


@dataclass(frozen=True)
class Renditions:
    """The renditions that the recipe names.

    Attributes:
        outputs: The output bucket.
        recipe: What to make.
        render: Renders its specs of these names.
        run_all: Makes requests of which none depends on another, in any order.
        now: The time, in UTC.
        origin: Of the delivery; empty where there is none.
    """

    outputs: Outputs
    recipe: Recipe
    render: Render
    run_all: RunAll
    now: Callable[[], datetime]
    origin: str

    def update(self, source: Source, heads: OutputHeads, budget: Budget) -> tuple[Rendered, list[RenditionEntry]]:
        """Make the renditions agree with `source`; return what was rendered, and an entry for each rendition of the recipe.

        Raises:
            Reject: The picture cannot be rendered.
            Retry: S3 did not answer or refused, or another writer was faster.
        """
        identity = Identity.of(source, self.recipe)
        marks = marks_of(identity, self.recipe)
        by_key = {rendition_key(spec, source.key): spec for spec in self.recipe.specs}
        current = heads.current_renditions(identity, self.recipe.fingerprint)
        wanted = [spec.name for key, spec in by_key.items() if key not in current]
        rendered = self.render(source, wanted, _safe(budget, source, heads.manifest))
        made, moment = {rendition.name: rendition for rendition in rendered.renditions}, self.now()
        entries, puts = [], []
        for key, spec in by_key.items():
            head = heads.renditions[key]
            if spec.name in made:
                version = version_of(made[spec.name].data, moment)
                puts.append(partial(self._put, key, made[spec.name], {**marks, "version": version}, head))
                entries.append(self._addressed(_entry_of_rendition(key, made[spec.name]), version))
            elif head is not None:
                entries.append(self._addressed(_entry_of_head(key, spec, head), head.metadata.get("version")))
        self.run_all(puts)
        self.run_all([partial(self.outputs.delete, key, expected=head) for key, head in heads.outdated.items()])
        return rendered, entries

    def _put(self, key: str, rendition: Rendition, marks: Mapping[str, str], head: Head | None) -> None:
        metadata = {**marks, "width": str(rendition.width), "height": str(rendition.height)}
        self.outputs.put(key, rendition.data, rendition.content_type, metadata, expected=head)

    def _addressed(self, entry: RenditionEntry, version: str | None) -> RenditionEntry:
        url = address(self.origin, entry.key, version) if version and self.origin else None
        return replace(entry, version=version, url=url)


def version_of(data: bytes, moment: datetime) -> str:
    """Return another version for every write, 16 hexadecimal digits.

    The bytes alone would not do: of a picture replaced and put back, the former version would be the present one again, and an edge
    that was asked for it in between keeps what was there then.
    """
    found = hashlib.sha256(data)
    found.update(moment.isoformat().encode())
    return found.hexdigest()[:16]


def marks_of(source: Identity, recipe: Recipe) -> dict[str, str]:
    """Return the metadata of an output that says what it was made from, and by which recipe."""
    return {**source.marks, "recipe": recipe.fingerprint, "generation": str(recipe.generation)}


def _safe(budget: Budget, source: Source, manifest: Head | None) -> Budget:
    """Return a budget with a child process for a picture that ended its process before, even if its message is fresh."""
    if manifest is None or manifest.metadata.get("source-etag") != source.etag:
        return budget
    return replace(budget, in_child=budget.in_child or manifest.metadata.get("reason", "").startswith("decoder-"))


def _entry_of_rendition(key: str, rendition: Rendition) -> RenditionEntry:
    size = len(rendition.data)
    return RenditionEntry(rendition.name, key, rendition.width, rendition.height, size, rendition.content_type)


def _entry_of_head(key: str, spec: RenditionSpec, head: Head) -> RenditionEntry:
    width, height = int(head.metadata["width"]), int(head.metadata["height"])
    return RenditionEntry(spec.name, key, width, height, head.size, spec.content_type)
