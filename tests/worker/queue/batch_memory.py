"""Handles batches of ten pictures in a process of its own, and prints their peak of memory and their outcomes.

Run as `python -m tests.worker.queue.batch_memory FILE...`, in a function's environment. The worker is the real one; its buckets are
those files and nothing, since it is the worker's memory that is measured.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.worker.fakes import MemoryDeadLetters, MemoryQueue, MemoryRejects, StoppedClock
from worker.contracts.events import event_body
from worker.contracts.function.settings import Settings
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import RenditionSpec
from worker.handler import build
from worker.images import render
from worker.process import aws
from worker.process.memory import peak_bytes
from worker.queue.message import Message
from worker.reconcile.sources import Source, SourceHead
from worker.rendering import renderer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.contracts.recipes.by_prefix import Recipe
    from worker.images import Rendered

BATCHES, SIZE, PHOTOGRAPH = 2, 10, 0.05
SMALL = [RenditionSpec("thumbnail", 64, 64, format="jpeg")]


class Files:
    """A source bucket of which each key is the number of a file."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths

    def get(self, key: str, *, unless: str | None) -> Source:
        """Return a file, to be read when it is wanted."""
        path = self.paths[int(key) % len(self.paths)]
        return Source(key, '"etag"', None, path.stat().st_size, path.read_bytes)

    def head(self, key: str) -> SourceHead:
        """Return the only version there is."""
        return SourceHead('"etag"', None)


class Nowhere:
    """An output bucket that keeps nothing."""

    def head(self, key: str) -> None:
        """Return None: there is nothing."""

    def put(self, *_: Any, **__: Any) -> None:
        """Forget it."""


def slowly(render: Callable[..., Rendered]) -> Callable[..., Rendered]:
    """Return `render` taking as long as a photograph does: the others have read what they may when it begins."""

    def rendered(*args: Any, **kwargs: Any) -> Rendered:
        time.sleep(PHOTOGRAPH)
        return render(*args, **kwargs)

    return rendered


def main(files: Sequence[Path]) -> None:
    """Handle the batches, as a warm function does."""
    settings = Settings.from_env(os.environ, one_recipe(SMALL).to_json())
    real, meter = build(settings, settings.queue_url)
    reconcile: Any = real.reconcile

    def with_nothing_outside(recipe: Recipe) -> Any:
        reconciler: Any = reconcile.reconciler(recipe)
        return replace(reconciler, sources=Files(files), outputs=Nowhere(), rejects=MemoryRejects(), publish=None)

    aws.client("sqs")
    letters = MemoryDeadLetters()
    batch = replace(
        real,
        reconcile=replace(reconcile, reconciler=with_nothing_outside),
        dead_letters=letters,
        queue=MemoryQueue(),
    )
    vars(renderer)["render"] = slowly(render)
    messages = [Message(str(n), event_body(settings.source_bucket, str(n)), 1) for n in range(SIZE)]
    for _ in range(BATCHES):
        with redirect_stdout(StringIO()):
            report = batch(messages, "request", StoppedClock(900))
            meter.batch(SIZE, 1.0, "request")
        assert report == {"batchItemFailures": []}
    reasons = sorted({error.reason for _, error in letters.letters})
    sys.stdout.write(json.dumps({"megabytes": peak_bytes() / 2**20, "reasons": reasons}))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
