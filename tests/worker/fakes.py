"""In-memory buckets with S3's conditional semantics, a topic and a dead-letter queue that remember."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.errors import Conflict, PipelineError
from worker.store import Head, NotModified, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.manifest import Manifest
    from worker.message import Message


@dataclass
class MemorySources:
    """The source bucket; `downloads` counts the bodies that were read."""

    objects: dict[str, bytes] = field(default_factory=dict)
    downloads: int = 0

    def get(self, key: str, *, unless: str | None) -> Source | NotModified | None:
        if key not in self.objects:
            return None
        data = self.objects[key]
        etag = f'"{hashlib.md5(data).hexdigest()}"'  # noqa: S324 - as S3 does
        if etag == unless:
            return NotModified()
        return Source(etag, "v1", len(data), lambda: self._read(data))

    def _read(self, data: bytes) -> bytes:
        self.downloads += 1
        return data


@dataclass
class Stored:
    data: bytes
    content_type: str
    head: Head


@dataclass
class MemoryOutputs:
    """The output bucket; every write gets a new ETag. `before_put` lets a test be faster than the worker."""

    objects: dict[str, Stored] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    before_put: Callable[[str], None] = lambda _key: None
    _etags: itertools.count[int] = field(default_factory=itertools.count)

    def head(self, key: str) -> Head | None:
        return self.objects[key].head if key in self.objects else None

    def put(
        self, key: str, data: bytes, content_type: str, metadata: Mapping[str, str], *, expected: Head | None
    ) -> None:
        self.before_put(key)
        self._check(key, expected)
        self.puts.append(key)
        self.objects[key] = Stored(data, content_type, Head(f'"{next(self._etags)}"', len(data), dict(metadata)))

    def delete(self, key: str, *, expected: Head) -> None:
        self._check(key, expected)
        del self.objects[key]

    def _check(self, key: str, expected: Head | None) -> None:
        there = self.head(key)
        if (there and there.etag) != (expected and expected.etag):
            raise Conflict(f"{key}: At least one of the pre-conditions you specified did not hold")


@dataclass
class MemoryTopic:
    """Remembers what was published, with the outputs that could be read at that moment."""

    outputs: MemoryOutputs
    messages: list[Manifest] = field(default_factory=list)
    readable: list[set[str]] = field(default_factory=list)

    def publish(self, manifest: Manifest) -> None:
        self.messages.append(manifest)
        self.readable.append(set(self.outputs.objects))


@dataclass
class MemoryDeadLetters:
    """The dead-letter queue; `failing` makes every send fail."""

    letters: list[tuple[Message, PipelineError]] = field(default_factory=list)
    failing: PipelineError | None = None

    def send(self, message: Message, error: PipelineError, request_id: str) -> None:
        if self.failing:
            raise self.failing
        self.letters.append((message, error))
