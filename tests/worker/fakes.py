"""In-memory buckets with S3's conditional writes, and a topic, a queue and a dead-letter queue that record their requests."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.contracts.errors import Conflict, PipelineError
from worker.contracts.recipes.focus import mark_of
from worker.reconcile.outputs import Head
from worker.reconcile.sources import NotModified, Source, SourceHead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.contracts.manifest import Manifest
    from worker.queue.message import Message


def etag_of(data: bytes) -> str:
    """Return S3's ETag of an object uploaded in one part: a hash of its bytes and of nothing else."""
    return f'"{hashlib.md5(data).hexdigest()}"'  # noqa: S324 - as S3 does


@dataclass
class MemorySources:
    """The source bucket; `downloads` counts the bodies that were read, `numbers` the versions of a key.

    `foci` are what originals have as user metadata: no part of the bytes, nor of the ETag.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    foci: dict[str, str] = field(default_factory=dict)
    downloads: int = 0

    def get(self, key: str, *, unless: str | None) -> Source | NotModified | None:
        if key not in self.objects:
            return None
        data = self.objects[key]
        if etag_of(data) == unless:
            return NotModified()
        focus = mark_of(self.foci.get(key))
        return Source(key, etag_of(data), self.version(key), len(data), lambda: self._read(data), focus=focus)

    def head(self, key: str) -> SourceHead | None:
        if key not in self.objects:
            return None
        return SourceHead(etag_of(self.objects[key]), self.version(key), mark_of(self.foci.get(key)))

    def version(self, key: str) -> str:
        return f"v{self.numbers.get(key, 1)}"

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
    """The output bucket. `before_put` is called before each PUT, so that a test can change something first."""

    objects: dict[str, Stored] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    before_put: Callable[[str], None] = lambda _key: None

    def head(self, key: str) -> Head | None:
        return self.objects[key].head if key in self.objects else None

    def read(self, key: str, *, expected: Head) -> bytes:
        self.check(key, expected)
        return self.objects[key].data

    def put(
        self, key: str, data: bytes, content_type: str, metadata: Mapping[str, str], *, expected: Head | None
    ) -> None:
        self.before_put(key)
        self.check(key, expected)
        self.puts.append(key)
        self.objects[key] = Stored(data, content_type, Head(etag_of(data), len(data), dict(metadata)))

    def delete(self, key: str, *, expected: Head) -> None:
        self.check(key, expected)
        del self.objects[key]

    def check(self, key: str, expected: Head | None) -> None:
        there = self.head(key)
        if (there and there.etag) != (expected and expected.etag):
            raise Conflict(f"{key}: At least one of the pre-conditions you specified did not hold")


@dataclass
class MemoryTopic:
    """Records what was published, with the outputs that could be read at that moment.

    `failing` makes every request fail.
    """

    outputs: MemoryOutputs = field(default_factory=MemoryOutputs)
    messages: list[Manifest] = field(default_factory=list)
    readable: list[set[str]] = field(default_factory=list)
    failing: Exception | None = None

    def publish(self, manifest: Manifest) -> None:
        if self.failing:
            raise self.failing
        self.messages.append(manifest)
        self.readable.append(set(self.outputs.objects))


@dataclass
class MemoryOriginals:
    """Records what may be archived, as pairs of key and version; `failing` makes every request fail."""

    marked: set[tuple[str, str | None]] = field(default_factory=set)
    failing: PipelineError | None = None

    def mark(self, key: str, version_id: str | None) -> None:
        if self.failing:
            raise self.failing
        self.marked.add((key, version_id))

    def unmark(self, key: str, version_id: str | None) -> None:
        if self.failing:
            raise self.failing
        self.marked.discard((key, version_id))


@dataclass
class MemoryRejects:
    """The index of rejected pictures, as pairs of key and reason."""

    noted: set[tuple[str, str]] = field(default_factory=set)

    def note(self, key: str, reason: str) -> None:
        self.noted.add((key, reason))

    def forget(self, key: str, reason: str) -> None:
        self.noted.discard((key, reason))


@dataclass
class MemoryDeadLetters:
    """The dead-letter queue; `failing` makes every send fail."""

    letters: list[tuple[Message, PipelineError]] = field(default_factory=list)
    failing: PipelineError | None = None

    def send(self, message: Message, error: PipelineError, request_id: str) -> None:
        if self.failing:
            raise self.failing
        self.letters.append((message, error))


@dataclass
class MemoryQueue:
    """Records what was deleted and what was postponed; `failing` makes every request fail."""

    deleted: list[str] = field(default_factory=list)
    postponed: dict[str, int] = field(default_factory=dict)
    failing: Exception | None = None
    refused: list[str] = field(default_factory=list)

    def delete(self, messages: Sequence[Message]) -> list[str]:
        self._fail()
        self.deleted += [message.message_id for message in messages]
        return self.refused

    def postpone(self, delays: Sequence[tuple[Message, int]]) -> list[str]:
        self._fail()
        self.postponed |= {message.message_id: seconds for message, seconds in delays}
        return self.refused

    def _fail(self) -> None:
        if self.failing:
            raise self.failing


@dataclass
class StoppedClock:
    """Seconds that are left of an invocation; they pass only when a test says so."""

    left: float = 90.0

    def __call__(self) -> float:
        return self.left
