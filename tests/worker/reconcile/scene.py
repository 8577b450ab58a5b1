"""Both buckets and the topic in memory, and a reconciler of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.worker.fakes import MemoryOriginals, MemoryOutputs, MemoryRejects, MemorySources, MemoryTopic
from worker.contracts.recipes.by_prefix import Recipe
from worker.contracts.recipes.specs import RenditionSpec
from worker.reconcile.reconciler import Reconciler
from worker.rendering.renderer import Budget, Renderer

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SPECS = (RenditionSpec("thumbnail", 16, 16), RenditionSpec("web", 32, 32))
KEYS = {"thumbnail/a.jpg.webp", "web/a.jpg.webp", "manifest/a.jpg.json"}


@dataclass
class World:
    """Both buckets, the topic, and a reconciler of them."""

    specs: tuple[RenditionSpec, ...] = SPECS
    generation: int = 0
    memory_mb: int = 512
    sources: MemorySources = field(default_factory=MemorySources)
    outputs: MemoryOutputs = field(default_factory=MemoryOutputs)
    rejects: MemoryRejects = field(default_factory=MemoryRejects)
    render: Any = None
    has_topic: bool = True
    originals: MemoryOriginals | None = None
    origin: str = ""
    clock: datetime = NOON

    def __post_init__(self) -> None:
        self.topic = MemoryTopic(self.outputs)

    def reconcile(self, key: str = "a.jpg", *, looks: bool = False):
        reconciler = Reconciler(
            bucket="pictures",
            sources=self.sources,
            outputs=self.outputs,
            rejects=self.rejects,
            publish=self.topic.publish if self.has_topic else None,
            recipe=Recipe(self.specs, self.generation),
            render=self.render or Renderer(self.specs, self.memory_mb * 2**20),
            now=lambda: self.clock,
            originals=self.originals,
            origin=self.origin,
        )
        return reconciler(key, Budget(60), (), looks)

    def manifest(self, key: str = "a.jpg"):
        return json.loads(self.outputs.objects[f"manifest/{key}.json"].data)
