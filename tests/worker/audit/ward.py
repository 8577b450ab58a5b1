"""A pipeline whose events get lost: both buckets, a worker that is called for each event that does not, and the auditor."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.worker.audit.fake_s3 import FakeS3
from tests.worker.images.pictures.small import jpeg
from worker.audit.audit import Audit
from worker.audit.buckets import Buckets
from worker.audit.hints import BackfillQueue
from worker.audit.state import StateFile
from worker.contracts.errors import Reject
from worker.contracts.events import keys_of, leftovers_in
from worker.contracts.keys import manifest_key, rendition_key
from worker.contracts.names import AUDIT_STATE
from worker.contracts.recipes.by_prefix import Recipe, Recipes
from worker.contracts.recipes.focus import mark_of
from worker.contracts.recipes.specs import RenditionSpec
from worker.process.parallel import sequentially
from worker.reconcile.by_recipe import ByRecipe
from worker.reconcile.outputs import S3Outputs
from worker.reconcile.reconciler import Reconciler
from worker.reconcile.sources import S3Sources
from worker.rendering.renderer import Budget, Renderer

SOURCE, OUTPUT = "pictures", "renditions"
HOUR, DAY = 3600.0, 86400.0
WEEK = 7 * DAY
RED, BLUE = jpeg(8, 8, "red"), jpeg(8, 8, "blue")
BROKEN = b"no picture"
THUMBNAIL, WEB = RenditionSpec("thumbnail", 4, 4), RenditionSpec("web", 6, 6)
SQUARE, PNG = RenditionSpec("square", 2, 2), RenditionSpec("thumbnail", 4, 4, format="png")
SMALLER = RenditionSpec("thumbnail", 3, 3)
FACE = RenditionSpec("thumbnail", 4, 3, fit="cover")
RECIPES = (
    Recipes({"": (THUMBNAIL, WEB), "raw/": (), "faces/": (FACE, WEB)}),
    Recipes({"": (SMALLER, WEB), "avatars/": (SQUARE,)}),
    Recipes({"": (PNG,), "avatars/": (), "raw/": (WEB,)}),
    Recipes({"faces/": (FACE,), "faces/raw/": (WEB,)}),
)


@dataclass
class Ward:
    """The pipeline; `clock` is in seconds since the epoch, `delay` what a worker needs for a message."""

    clock: float = 1_800_000_000.0
    recipes: Recipes = RECIPES[0]
    generation: int = 1
    period: float = WEEK
    expire_after: float = 0
    delay: float = 1.3
    hints: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.s3 = FakeS3(lambda: self.clock)

    def send_message_batch(self, *, QueueUrl, Entries) -> dict[str, Any]:  # noqa: N803 - SQS's names
        self.hints += [entry["MessageBody"] for entry in Entries]
        return {}

    def deploy(self, recipes: Recipes) -> None:
        self.generation += recipes != self.recipes
        self.recipes = recipes

    def put(self, key: str, data: bytes, *, announced: bool = True, **how: Any) -> None:
        self.s3.store(SOURCE, key, data, **how)
        if announced:
            self.reconcile(key)

    def remove(self, key: str, *, announced: bool = True) -> None:
        self.s3.objects.pop((SOURCE, key), None)
        if announced:
            self.reconcile(key)

    def reconcile(self, key: str, leftovers: tuple[str, ...] = ()) -> None:
        """Do what the worker does about one message."""
        recipes = Recipes(self.recipes.by_prefix, self.recipes.suffixes, self.generation)
        self.clock += self.delay
        try:
            ByRecipe(recipes, self._reconciler)(key, Budget(60), leftovers)
        except Reject as exc:
            self.letters.append(f"{key} {exc.reason}")

    def _reconciler(self, recipe: Recipe) -> Reconciler:
        return Reconciler(
            SOURCE,
            S3Sources(self.s3, SOURCE),
            S3Outputs(self.s3, OUTPUT, "no-store"),
            None,
            recipe,
            Renderer(recipe.specs, 512 * 2**20),
            lambda: datetime.fromtimestamp(self.clock, UTC),
        )

    def audit(self, *, invocations: int = 1000, seconds: float = 900) -> dict[str, int]:
        """Let the schedule call the auditor until an audit has ended; return its counts."""
        audit = Audit(
            Buckets(self.s3, SOURCE, OUTPUT, self.recipes.scope),
            BackfillQueue(self, "https://sqs/backfill", SOURCE),
            StateFile(self.s3, OUTPUT),
            self.recipes,
            self.period,
            HOUR,
            self.expire_after,
            sequentially,
            lambda: self.clock,
        )
        for _ in range(invocations):
            if (state := audit(lambda: seconds)) is not None:
                return state.counts
        raise AssertionError("the audit does not end")

    def deliver(self) -> None:
        """Have the worker handle every hint."""
        hints, self.hints = self.hints, []
        for body in hints:
            for key in keys_of(body, SOURCE):
                self.reconcile(key, leftovers_in(body, key))

    def expected(self) -> dict[str, tuple[str, str, str]]:
        """Return, by output key, ETag, recipe and focus that it has to be of, for all pictures that can be rendered."""
        found = {}
        for key in self.s3.keys(SOURCE):
            recipe, source = self.recipes.of(key), self.s3.objects[SOURCE, key]
            if not recipe.is_ignored and not key.endswith("/"):
                etag, mark = source.etag, (recipe.fingerprint if source.data != BROKEN else "")
                outputs = [rendition_key(spec, key) for spec in recipe.specs] if mark else []
                focus = recipe.counted(mark_of(source.metadata.get("focus"))) if mark else ""
                found.update(dict.fromkeys((*outputs, manifest_key(key)), (etag, mark, focus)))
        return found

    def outputs(self) -> dict[str, tuple[str, str, str]]:
        """Return the same of what there is; a rejected picture's former renditions are left out."""
        found = {}
        for output in self.s3.keys(OUTPUT):
            marks = self.s3.objects[OUTPUT, output].metadata
            if output != AUDIT_STATE and "source-etag" in marks:
                mark = marks.get("recipe", "")
                found[output] = (marks["source-etag"], mark, marks.get("focus", "") if mark else "")
        rejected = {
            output.partition("/")[2].removesuffix(".json") for output, (_, mark, _) in found.items() if not mark
        }
        return {
            output: marks
            for output, marks in found.items()
            if output.startswith("manifest/") or output.partition("/")[2].rpartition(".")[0] not in rejected
        }

    def state(self) -> dict[str, Any]:
        with suppress(KeyError):
            return dict(json.loads(self.s3.objects[OUTPUT, AUDIT_STATE].data))
        return {}
