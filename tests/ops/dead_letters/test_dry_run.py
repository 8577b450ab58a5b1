from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ops.dead_letters.dry_run import dry_run_of
from ops.pictures.recipe.sample import Sampled
from ops.pictures.recipe.trial import Trials
from ops.stack.deployment import Deployment
from ops.stack.worker_here import Rendering
from tests.ops.dead_letters.test_verdict import BEFORE, CROPPED, MemoryPictures, source
from tests.ops.pictures.recipe.plans import change, listed, tree
from worker.contracts.recipes.by_prefix import Recipes

if TYPE_CHECKING:
    from pathlib import Path


class Originals(MemoryPictures):
    """Buckets whose originals have no bytes that anybody looks at."""

    def download(self, key: str, path: Path) -> None:
        path.touch()


@pytest.fixture
def foci(monkeypatch) -> list[str]:
    """Return what every crop that is rendered here is around."""
    seen: list[str] = []

    def render(picture, specs, out, *, memory, timeout) -> Rendering:
        seen.extend(str(spec.focus) for spec in specs)
        return Rendering()

    monkeypatch.setattr("ops.dead_letters.dry_run.render_here", render)
    monkeypatch.setattr("ops.pictures.recipe.trial.render_here", render)
    return seen


@pytest.mark.parametrize(("mark", "focus"), [("0.1,0.9", "0.1,0.9"), ("", "None"), ("ignored", "None")])
def test_what_is_rendered_here_keeps_the_original_s_own_focus(foci, tmp_path, mark, focus):
    """As the worker would: when a dead letter is tried, and when a recipe is planned, by both recipes and their reference."""
    there: Any = Originals(sources={"a.jpg": source(focus=mark)})
    deployed = Deployment(Recipes({"": CROPPED}), 512, 90, BEFORE, "log")
    assert dry_run_of("a.jpg", there, deployed).result == "ready"
    assert foci == [focus]
    trials = Trials(there, deployed, tree(), tmp_path)
    list(trials.each([Sampled(listed(), change(CROPPED, CROPPED), 1)]))
    assert foci == [focus] * 4
