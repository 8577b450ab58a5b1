"""Buckets, queue, topic and dead letters of one deployment, with as many workers as one likes, all in memory.

The world remembers what the source bucket held when, and so can tell at every write whether it goes back in time, and
at the end whether everything is where it belongs.
"""

from __future__ import annotations

import io
import itertools
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.worker.fakes import MemoryDeadLetters, MemoryOutputs, MemorySources, StoppedClock, etag_of
from tests.worker.reconcile.faults.tape import Fate, Paused, Tape
from worker.contracts.errors import CorruptImage
from worker.contracts.events import event_body, keys_of
from worker.contracts.keys import manifest_key, rendition_key
from worker.contracts.manifest import READY, REJECTED
from worker.contracts.recipe import RenditionSpec, recipe_of
from worker.images import Rendered, Rendition, SourceFacts
from worker.process.parallel import sequentially
from worker.queue.batch import Batch
from worker.queue.message import Message
from worker.queue.retry_delay import RetryDelay
from worker.reconcile.reconciler import Reconciler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.contracts.errors import PipelineError
    from worker.contracts.manifest import Manifest
    from worker.process.parallel import RunAll
    from worker.reconcile.outputs import Head, Outputs
    from worker.reconcile.reconciler import Publish
    from worker.reconcile.sources import Source

BUCKET = "pictures"
KEYS = ("a", "b")
PICTURES = (b"one", b"two", b"one#with other metadata", b"bad")
RECIPES = (
    (RenditionSpec("thumbnail", 16, 16), RenditionSpec("web", 32, 32)),
    (RenditionSpec("small", 16, 16), RenditionSpec("web", 32, 32, format="png")),
)
ANYTHING: Any = object()
"""In the place of an expected head: whatever is there."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def is_bad(picture: bytes) -> bool:
    """Return whether nobody can render the picture."""
    return picture.startswith(b"bad")


def rendered(picture: bytes, spec: RenditionSpec) -> bytes:
    """Return the rendition of a picture; what follows a `#` is metadata, which a rendition does not have."""
    return b"%s of %s" % (spec.name.encode(), picture.partition(b"#")[0])


@dataclass(eq=False)
class Delivery:
    """A message in the queue, and whether it can be received now."""

    body: str
    receive_count: int = 0
    visible: bool = True


@dataclass(eq=False)
class Worker:
    """One invocation with a batch of messages."""

    deliveries: tuple[Delivery, ...]
    messages: tuple[Message, ...]
    specs: tuple[RenditionSpec, ...]
    number: int = 0
    tape: Tape = field(default_factory=Tape)


@dataclass
class World:
    """Everything; `unique` says that no picture ever comes back, so that the order of versions can be told.

    A mutation takes the place of the `reconciler`, of the worker's view of the output bucket or of its `publishing`. `complete` has
    every key, source ETag and recipe of which at some moment the source and all renditions were there together.
    """

    unique: bool = False
    archives: bool = False
    pictures: tuple[bytes, ...] = PICTURES
    max_receive_count: int = 1000
    reconciler: type[Reconciler] = Reconciler
    view: Callable[[Outputs], Outputs] = lambda outputs: outputs
    publishing: Callable[[Publish], Publish] = lambda publish: publish
    recipe: int = 0
    sources: MemorySources = field(default_factory=MemorySources)
    outputs: MemoryOutputs = field(default_factory=MemoryOutputs)
    letters: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)
    unexplained: list[str] = field(default_factory=list)
    abandoned: set[str] = field(default_factory=set)
    published: list[Manifest] = field(default_factory=list)
    complete: set[tuple[str, str, str]] = field(default_factory=set)
    tags: set[tuple[str, str | None]] = field(default_factory=set)
    queue: list[Delivery] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    versions: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=lambda: {key: [] for key in KEYS})
    verdicts: dict[tuple[int, str, str], int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    time: itertools.count[int] = field(default_factory=itertools.count)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    # What happens to sources and messages.

    def upload(self, key: str, picture: bytes) -> None:
        """Store a picture; S3 announces it."""
        self.sources.objects[key] = picture
        self._changed(key, picture)

    def remove(self, key: str) -> None:
        """Delete a picture; S3 announces it."""
        self.sources.objects.pop(key, None)
        self._changed(key, None)

    def _changed(self, key: str, picture: bytes | None) -> None:
        self.versions[key].append((next(self.time), picture))
        self.sources.numbers[key] = len(self.versions[key])
        self.note_complete(key)
        self.queue.append(Delivery(event_body(BUCKET, key)))

    def redrive(self) -> None:
        """Send every dead letter back, to the end of the queue."""
        self.queue += [Delivery(message.body) for message, _ in self.letters.letters]
        self.queue += [Delivery(body) for body in self.unexplained]
        self.letters.letters.clear()
        self.unexplained.clear()

    def deploy(self, recipe: int) -> None:
        """Change the recipe when all is done, and have every key looked at: what docs/reliability.md asks of operators."""
        self.settle()
        self.redrive()
        self.settle()
        self.recipe = recipe
        self.queue += [Delivery(event_body(BUCKET, key)) for key in KEYS]

    # What workers do.

    def receive(self, *deliveries: Delivery) -> Worker | None:
        """Give messages to a new worker; SQS moves one away that was received too often."""
        received = [delivery for delivery in deliveries if self._is_received(delivery)]
        if not received:
            return None
        messages = [Message(f"m{number}", each.body, each.receive_count) for number, each in enumerate(received)]
        worker = Worker(tuple(received), tuple(messages), RECIPES[self.recipe], next(self.numbers))
        self.workers.append(worker)
        return worker

    def _is_received(self, delivery: Delivery) -> bool:
        if delivery.receive_count >= self.max_receive_count:
            self.queue.remove(delivery)
            self.unexplained.append(delivery.body)
            return False
        delivery.receive_count += 1
        delivery.visible = False
        return True

    def advance(self, worker: Worker, requests: int, fate: Fate = "answered") -> bool:
        """Let a worker make so many more requests; return whether it has finished."""
        worker.tape.rewind(requests, fate)
        try:
            with redirect_stdout(io.StringIO()):
                report = self._batch(worker)(worker.messages, "request", StoppedClock())
        except Paused:
            return False
        finally:
            assert not self.broken, self.broken[0]
        self.workers.remove(worker)
        failed = {failure["itemIdentifier"] for failure in report["batchItemFailures"]}
        for message, delivery in zip(worker.messages, worker.deliveries, strict=True):
            if message.message_id in failed:
                self._come_back(delivery)
            elif delivery in self.queue:
                self.queue.remove(delivery)
        return True

    def crash(self, worker: Worker) -> None:
        """End a worker where it is; its messages come back."""
        self.workers.remove(worker)
        for delivery in worker.deliveries:
            self._come_back(delivery)

    def _come_back(self, delivery: Delivery) -> None:
        """Show the message again, unless another worker had it too and has deleted it: then nobody is left to go on."""
        delivery.visible = True
        if delivery not in self.queue:
            self.abandoned |= {*keys_of(delivery.body, BUCKET)}

    def settle(self) -> None:
        """Let every message be handled and everybody finish, the slow ones when nobody else is left to notice."""
        self._drain()
        for worker in list(self.workers):
            assert self.advance(worker, 1000)
        self._drain()

    def _drain(self) -> None:
        while visible := [delivery for delivery in self.queue if delivery.visible]:
            worker = self.receive(visible[0])
            assert worker is None or self.advance(worker, 1000)

    def _batch(self, worker: Worker) -> Batch:
        tape = worker.tape
        reconcile = self.reconciler(
            bucket=BUCKET,
            sources=_TapedSources(tape, self),
            outputs=self.view(_TapedOutputs(tape, self)),
            publish=self.publishing(_TapedTopic(tape, self).publish),
            specs=worker.specs,
            render=lambda source, wanted, _: _render(source, wanted, worker.specs),
            now=lambda: tape.note(self._now),
            originals=_TapedOriginals(tape, self) if self.archives else None,
            run_all=_in_any_order(Random(worker.number)),
        )
        return Batch(BUCKET, reconcile, _TapedLetters(tape, self), _NoQueue(), _NO_DELAY, self.max_receive_count)

    def _now(self) -> datetime:
        return EPOCH + timedelta(seconds=next(self.time))

    # What must never happen.

    def note_complete(self, key: str) -> None:
        """Remember it if the source and every rendition of it are there at this moment."""
        picture = self.sources.objects.get(key)
        if picture is None or is_bad(picture):
            return
        for specs in RECIPES:
            heads = [self.outputs.head(rendition_key(spec, key)) for spec in specs]
            marks = {"source-etag": etag_of(picture), "recipe": recipe_of(specs)}
            if all(head is not None and marks.items() <= head.metadata.items() for head in heads):
                self.complete.add((key, etag_of(picture), recipe_of(specs)))

    def check_message(self, manifest: Manifest) -> None:
        """Fail if a completion message is no outcome of the picture, or of one that was never complete."""
        key, etag = manifest.source.key, f'"{manifest.source.etag}"'
        pictures = {etag_of(picture): picture for _, picture in self.versions[key] if picture is not None}
        self._promise(etag in pictures, f"{key} is told of, which never was there")
        expected = REJECTED if is_bad(pictures[etag]) else READY
        self._promise(manifest.type == expected, f"{key} is told to be {manifest.type}, and is not")
        if manifest.type == READY and self.unique:
            is_complete = (key, etag, manifest.recipe) in self.complete
            self._promise(is_complete, f"{key} is told to be ready, and never was")

    def check_put(self, tape: Tape, key: str, metadata: Mapping[str, str], manifest: bool) -> None:
        """Fail if a write goes back in time, or commits to what is not there; only where pictures are unique."""
        source_key = key.split("/", 1)[1].rsplit(".", 1)[0]
        there = self.outputs.head(key)
        version = self.version_of(source_key, metadata["source-etag"])
        if there:
            older = self.version_of(source_key, there.metadata["source-etag"])
            self._promise(older <= version, f"{key} goes back in time: {there.metadata} <- {metadata}")
        if manifest and "recipe" in metadata and version == len(self.versions[source_key]) - 1:
            for spec in RECIPES[self.recipe]:
                head = self.outputs.head(rendition_key(spec, source_key))
                made_from = head and head.metadata["source-etag"]
                self._promise(made_from == metadata["source-etag"], f"{key} names a rendition that is not there")
        if manifest and "reason" in metadata:
            # Of this worker: another one may come to the same verdict, and later.
            self.verdicts[id(tape), source_key, metadata["source-etag"]] = next(self.time)

    def check_delete(self, key: str) -> None:
        """Fail if an output of the picture as it is now is deleted."""
        source_key = key.split("/", 1)[1].rsplit(".", 1)[0]
        there = self.outputs.head(key)
        current = {rendition_key(spec, source_key) for spec in RECIPES[self.recipe]} | {manifest_key(source_key)}
        if there and key in current and source_key in self.sources.objects:
            now = etag_of(self.sources.objects[source_key])
            self._promise(there.metadata["source-etag"] != now, f"{key} is deleted although it is current")

    def check_letter(self, tape: Tape, message: Message, error: PipelineError) -> None:
        """Fail if a picture is given up that had been replaced before the verdict was written down."""
        if not isinstance(error, CorruptImage):
            return
        for key in keys_of(message.body, BUCKET):
            etag = etag_of(error.detail.encode())
            verdict = self.verdicts[id(tape), key, etag]
            following = self.version_of(key, etag) + 1
            replaced = self.versions[key][following][0] if following < len(self.versions[key]) else None
            in_time = replaced is None or replaced > verdict
            self._promise(in_time, f"{key}: {error.detail} was replaced before its verdict")

    def _promise(self, kept: bool, otherwise: str) -> None:
        """Remember a broken promise: an exception here would only be one more failure that the worker survives."""
        if not kept:
            self.broken.append(otherwise)

    def version_of(self, key: str, etag: str) -> int:
        """Return the number of the version that has the ETag."""
        pictures = [picture for _, picture in self.versions[key]]
        return next(n for n, picture in enumerate(pictures) if picture is not None and etag_of(picture) == etag)

    # What must be true at the end.

    def check(self) -> None:
        """Fail if, with the queue empty and nobody at work, anything is lost, stale or left over."""
        assert not self.queue
        assert not self.workers
        expected: dict[str, bytes] = {}
        for key in KEYS:
            if not self._given_up(key):
                expected |= self._check_key(key)
        given_up = [key for key in KEYS if self._given_up(key)]
        for output, stored in self.outputs.objects.items():
            source_key = output.split("/", 1)[1].rsplit(".", 1)[0]
            if source_key not in given_up:
                assert output in expected, f"{output} is left over"
                assert stored.data == expected[output] or not expected[output], f"{output} is stale"
        assert expected.keys() <= self.outputs.objects.keys(), "outputs are missing"

    def _given_up(self, key: str) -> bool:
        """Return whether a dead letter asks an operator to try the key again, or its message was lost in two hands."""
        if key in self.abandoned:
            return True
        bodies = [message.body for message, error in self.letters.letters if error.retryable] + self.unexplained
        return any(key in keys_of(body, BUCKET) for body in bodies)

    def _check_key(self, key: str) -> dict[str, bytes]:
        """Return the outputs that a key must have; empty bytes stand for any."""
        picture = self.sources.objects.get(key)
        if picture is None:
            return {}
        head = self.outputs.head(manifest_key(key))
        assert head, f"{key} has no manifest"
        assert head.metadata["source-etag"] == etag_of(picture), f"the manifest of {key} is stale"
        if is_bad(picture):
            assert head.metadata["reason"] == "corrupt-image"
            assert any(error.detail == picture.decode() for _, error in self.letters.letters), f"{key}: no dead letter"
            assert self._is_told(REJECTED, key, picture), f"nobody was told that {key} is rejected"
            assert (key, self.sources.version(key)) not in self.tags, f"{key} may be archived although it is rejected"
            kept = [output for output in self.outputs.objects if output.split("/", 1)[1].rsplit(".", 1)[0] == key]
            return dict.fromkeys(kept, b"")
        assert head.metadata["recipe"] == recipe_of(RECIPES[self.recipe])
        renditions = {rendition_key(spec, key): rendered(picture, spec) for spec in RECIPES[self.recipe]}
        marks = {self.outputs.objects[each].head.metadata["source-etag"] for each in renditions}
        assert marks == {etag_of(picture)}, f"a rendition of {key} is of another picture"
        assert self._is_told(READY, key, picture), f"nobody was told that {key} is ready"
        assert not self.archives or (key, self.sources.version(key)) in self.tags, f"{key} will never be archived"
        return {**renditions, manifest_key(key): b""}

    def _is_told(self, type_: str, key: str, picture: bytes) -> bool:
        about = (type_, key, etag_of(picture).strip('"'))
        return any((each.type, each.source.key, each.source.etag) == about for each in self.published)


def _in_any_order(random: Random) -> RunAll:
    """Return what gathers in an order that is the same whenever the worker runs from its start again."""

    def run_all(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        order = random.sample(range(len(calls)), len(calls))
        by_place = dict(zip(order, sequentially([calls[place] for place in order]), strict=True))
        return [by_place[place] for place in range(len(calls))]

    return run_all


def _render(source: Source, wanted: Sequence[str], specs: Sequence[RenditionSpec]) -> Rendered:
    picture = source.read()
    if is_bad(picture):
        raise CorruptImage(picture.decode())
    renditions = [
        Rendition(spec.name, rendered(picture, spec), spec.width, spec.height, spec.content_type)
        for spec in specs
        if spec.name in wanted
    ]
    return Rendered(SourceFacts("JPEG", 40, 30), tuple(renditions))


@dataclass
class _TapedSources:
    tape: Tape
    world: World

    def get(self, key: str, *, unless: str | None) -> Any:
        return self.tape.request("get source", lambda: self.world.sources.get(key, unless=unless))

    def head(self, key: str) -> Any:
        return self.tape.request("head source", lambda: self.world.sources.head(key))


@dataclass
class _TapedOutputs:
    tape: Tape
    world: World

    def head(self, key: str) -> Any:
        return self.tape.request("head output", lambda: self.world.outputs.head(key))

    def put(
        self, key: str, data: bytes, content_type: str, metadata: Mapping[str, str], *, expected: Head | None
    ) -> None:
        def put() -> None:
            seen = self._seen(key, expected)
            self.world.outputs.check(key, seen)
            if self.world.unique:
                self.world.check_put(self.tape, key, metadata, key.startswith("manifest/"))
            self.world.outputs.put(key, data, content_type, metadata, expected=seen)
            self.world.note_complete(key.split("/", 1)[1].rsplit(".", 1)[0])

        self.tape.request("put manifest" if key.startswith("manifest/") else "put rendition", put)

    def delete(self, key: str, *, expected: Head) -> None:
        def delete() -> None:
            seen = self._seen(key, expected)
            if seen is None:
                return  # An unconditional delete of nothing succeeds.
            self.world.outputs.check(key, seen)
            if self.world.unique:
                self.world.check_delete(key)
            self.world.outputs.delete(key, expected=seen)

        self.tape.request("delete output", delete)

    def _seen(self, key: str, expected: Head | None) -> Head | None:
        """Return the head that the write is conditional on; for one without a condition, whatever is there."""
        return self.world.outputs.head(key) if expected is ANYTHING else expected


@dataclass
class _TapedOriginals:
    tape: Tape
    world: World

    def mark(self, key: str, version_id: str | None) -> None:
        self.tape.request("tag source", lambda: self.world.tags.add((key, version_id)))

    def unmark(self, key: str, version_id: str | None) -> None:
        self.tape.request("untag source", lambda: self.world.tags.discard((key, version_id)))


@dataclass
class _TapedTopic:
    tape: Tape
    world: World

    def publish(self, manifest: Manifest) -> None:
        def publish() -> None:
            self.world.check_message(manifest)
            self.world.published.append(manifest)

        self.tape.request("publish", publish)


@dataclass
class _TapedLetters:
    tape: Tape
    world: World

    def send(self, message: Message, error: PipelineError, request_id: str) -> None:
        def send() -> None:
            if self.world.unique:
                self.world.check_letter(self.tape, message, error)
            self.world.letters.send(message, error, request_id)

        self.tape.request("send dead letter", send)


class _NoQueue:
    """Early deletes and delays change no outcome."""

    def delete(self, messages: Sequence[Message]) -> list[str]:
        return []

    def postpone(self, delays: Sequence[tuple[Message, int]]) -> list[str]:
        return []


_NO_DELAY = RetryDelay(retention=1.0, now=lambda: 0.0, random=lambda: 0.0)
