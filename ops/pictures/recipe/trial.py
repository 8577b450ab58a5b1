"""One picture of the sample, rendered here by both recipes, and how like each rendition is to one without any loss."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ops.pictures.recipe.similarity import likeness
from ops.stack.worker_here import Rendering, render_here
from worker.contracts.recipes.specs import focused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ops.pictures.recipe.sample import Sampled
    from ops.pictures.recipe.working_tree import WorkingTree
    from ops.stack.buckets import Pictures
    from ops.stack.deployment import Deployment
    from ops.stack.worker_here import Made
    from worker.contracts.recipes.focus import Focus
    from worker.contracts.recipes.specs import RenditionSpec

_REFERENCE: Final = {"memory": 4096, "timeout": 900}
"""Of what is rendered without loss for the comparison alone."""


@dataclass(frozen=True)
class Side:
    """A rendition by one recipe; `likeness` is None where it could not be compared."""

    made: Made
    spec: RenditionSpec
    likeness: float | None


@dataclass(frozen=True)
class Trial:
    """What became of one picture of the sample.

    Attributes:
        skipped: Why it was not rendered, such as that it is gone meanwhile.
    """

    sampled: Sampled
    before: Rendering = field(default_factory=Rendering)
    after: Rendering = field(default_factory=Rendering)
    sides_before: tuple[Side, ...] = ()
    sides_after: tuple[Side, ...] = ()
    skipped: str | None = None

    @property
    def key(self) -> str:
        """Of the original."""
        return self.sampled.listed.key

    @property
    def why_not(self) -> str | None:
        """Why there are no renditions, by which recipe; None where there are."""
        before, after = self.before.failure, self.after.failure
        if before and before == after:
            return f"by both: {before}"
        sides = [f"{when}: {why}" for when, why in (("before", before), ("after", after)) if why]
        return self.skipped or "; ".join(sides) or None

    def pairs(self) -> Iterator[tuple[str, Side | None, Side | None]]:
        """Yield each rendition's name, with what there is of it before and after."""
        before, after = ({side.spec.name: side for side in sides} for sides in (self.sides_before, self.sides_after))
        for name in self.sampled.change.names:
            yield name, before.get(name), after.get(name)


@dataclass(frozen=True)
class Trials:
    """Tries pictures with what is deployed and what would be; everything is written into `directory`."""

    pictures: Pictures
    deployed: Deployment
    working_tree: WorkingTree
    directory: Path

    def each(self, sample: Sequence[Sampled]) -> Iterator[Trial]:
        """Yield a trial for each picture, in order; as many at once as there are processors.

        Raises:
            Refusal: AWS does not hand over a picture.
        """
        numbered = [(self.directory / str(number), sampled) for number, sampled in enumerate(sample)]
        with ThreadPoolExecutor(os.cpu_count(), "trial") as pool:
            try:
                yield from pool.map(self._try, numbered)
            finally:
                pool.shutdown(cancel_futures=True)

    def _try(self, numbered: tuple[Path, Sampled]) -> Trial:
        folder, sampled = numbered
        key, change = sampled.listed.key, sampled.change
        source = self.pictures.source(key)
        if source is None or source.is_archived:
            return Trial(sampled, skipped="gone meanwhile" if source is None else "archived: restore it")
        folder.mkdir()
        original = folder / "original"
        self.pictures.download(key, original)
        old, new = (focused(recipe.specs, source.focus) for recipe in (change.before, change.after))
        before = self._render(original, old, "before", self.deployed)
        after = self._render(original, new, "after", self.working_tree)
        geometry = {_geometry(spec): spec for spec in (*old, *new)}
        references = _references(original, geometry.values())
        original.unlink()
        return Trial(
            sampled,
            before,
            after,
            _sides(before, old, references),
            _sides(after, new, references),
        )

    @staticmethod
    def _render(
        original: Path, specs: Sequence[RenditionSpec], name: str, limits: Deployment | WorkingTree
    ) -> Rendering:
        if not specs:
            return Rendering()
        return render_here(original, specs, original.parent / name, memory=limits.memory, timeout=limits.timeout)


_Geometry = tuple[int, int, str, "Focus | None"]


def _geometry(spec: RenditionSpec) -> _Geometry:
    return spec.width, spec.height, spec.fit, spec.focus


def _references(original: Path, specs: Iterable[RenditionSpec]) -> dict[_Geometry, Path]:
    """Render every geometry once, as PNG, which loses nothing."""
    lossless = [replace(spec, name=f"r{n}", format="png", animated=False) for n, spec in enumerate(specs)]
    rendering = render_here(original, lossless, original.parent / "references", **_REFERENCE)
    made = {each.name: each.path for each in rendering.renditions}
    return {_geometry(spec): made[spec.name] for spec in lossless if spec.name in made}


def _sides(rendering: Rendering, specs: Sequence[RenditionSpec], references: dict[_Geometry, Path]) -> tuple[Side, ...]:
    by_name = {spec.name: spec for spec in specs}
    found = ((made, by_name[made.name]) for made in rendering.renditions)
    return tuple(Side(made, spec, _likeness(made, spec, references.get(_geometry(spec)))) for made, spec in found)


def _likeness(made: Made, spec: RenditionSpec, reference: Path | None) -> float | None:
    return None if reference is None else likeness(made.path, reference, spec.background)
