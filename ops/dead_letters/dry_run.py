"""What the worker would do about a picture now, tried here: the same code on the same bytes, nothing written to AWS.

The worker runs in a process of its own with the deployed renditions, memory and timeout.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.dead_letters.verdict import is_current
from ops.stack.worker_here import render_here
from worker.contracts.recipes.specs import focused

if TYPE_CHECKING:
    from ops.stack.buckets import Pictures
    from ops.stack.deployment import Deployment
    from ops.stack.worker_here import Rendering


@dataclass(frozen=True)
class DryRun:
    """What would happen to one key.

    Attributes:
        result: `ready`, `unchanged`, `removed`, `ignored`, `rejected` or `killed`.
        reason: Code of a rejection.
        detail: A sentence.
        renditions: One line each.
    """

    key: str
    result: str
    reason: str | None = None
    detail: str | None = None
    renditions: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether a redrive would settle it."""
        return self.result in {"ready", "unchanged", "removed", "ignored"}

    def lines(self) -> list[str]:
        """Return the result for people."""
        title = f"{self.key}: {self.result}" + (f", {self.reason}" if self.reason else "")
        return [title, *([f"  {self.detail}"] if self.detail else []), *(f"  {line}" for line in self.renditions)]

    def to_json(self) -> dict[str, Any]:
        """Return the result for programs."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}


def dry_run_of(key: str, pictures: Pictures, deployment: Deployment) -> DryRun:
    """Run the worker here on the picture that is under `key` in the source bucket now.

    Raises:
        Refusal: AWS does not hand over the picture.
    """
    source = pictures.source(key)
    if source is None:
        return DryRun(key, "removed", detail="The source is gone: its outputs would be deleted, if there are any.")
    recipe = deployment.recipes.of(key)
    if recipe.is_ignored:
        return DryRun(
            key, "ignored", detail="The configuration leaves it alone: its outputs would be deleted, if there are any."
        )
    if source.is_archived:
        detail = f"The source is in {source.storage_class}: restore it."
        return DryRun(key, "rejected", reason="archived", detail=detail)
    if is_current(source, pictures.manifest(key), recipe):
        return DryRun(key, "unchanged", detail="All outputs are of this very source and recipe.")
    with tempfile.TemporaryDirectory() as directory:
        picture = Path(directory) / "picture"
        pictures.download(key, picture)
        limits = {"memory": deployment.memory, "timeout": deployment.timeout}
        specs = focused(recipe.specs, source.focus)
        return _result(key, render_here(picture, specs, picture.parent / "out", **limits))


def _result(key: str, rendering: Rendering) -> DryRun:
    if rendering.reason is not None:
        return DryRun(key, "rejected", reason=rendering.reason, detail=rendering.detail)
    if rendering.detail is not None:
        return DryRun(key, "killed", detail=rendering.detail)
    lines = (f"{made.path.name}  {made.width} x {made.height}  {made.bytes:,} bytes" for made in rendering.renditions)
    return DryRun(key, "ready", renditions=tuple(lines))
