"""The buckets, the topic and the dead letters of a world as one worker sees them: each request is on the worker's tape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.worker.reconcile.faults.promises import ANYTHING, Promises, is_bad, rendered
from worker.contracts.errors import CorruptImage
from worker.contracts.recipes.specs import focused
from worker.images import Look, Rendered, Rendition, SourceFacts
from worker.process.parallel import sequentially

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from tests.worker.reconcile.faults.tape import Tape
    from worker.contracts.errors import PipelineError
    from worker.contracts.manifest import Manifest
    from worker.contracts.recipes.specs import RenditionSpec
    from worker.process.parallel import RunAll
    from worker.queue.message import Message
    from worker.reconcile.outputs import Head
    from worker.reconcile.sources import Source

LOOK: Final = Look("#c83c28", "data:image/webp;base64,UklGRg==", "1QcSHQRnh493V4dIh4eXh1h4kJUI")


def in_any_order(random: Random) -> RunAll:
    """Return a `RunAll` that makes the calls in a random order, the same whenever the worker runs from its start again."""

    def run_all(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        order = random.sample(range(len(calls)), len(calls))
        by_place = dict(zip(order, sequentially([calls[place] for place in order]), strict=True))
        return [by_place[place] for place in range(len(calls))]

    return run_all


def render(source: Source, wanted: Sequence[str], specs: Sequence[RenditionSpec]) -> Rendered:
    """Render as `Renderer` does, by putting names into bytes."""
    picture = source.read()
    if is_bad(picture):
        raise CorruptImage(picture.decode())
    renditions = [
        Rendition(spec.name, rendered(picture, spec), spec.width, spec.height, spec.content_type)
        for spec in focused(specs, source.focus)
        if spec.name in wanted
    ]
    return Rendered(SourceFacts("JPEG", 40, 30), tuple(renditions), LOOK)


@dataclass
class TapedSources:
    tape: Tape
    world: Promises

    def get(self, key: str, *, unless: str | None) -> Any:
        return self.tape.request("get source", lambda: self.world.sources.get(key, unless=unless))

    def head(self, key: str) -> Any:
        return self.tape.request("head source", lambda: self.world.sources.head(key))


@dataclass
class TapedOutputs:
    tape: Tape
    world: Promises
    generation: int

    def head(self, key: str) -> Any:
        return self.tape.request("head output", lambda: self.world.outputs.head(key))

    def read(self, key: str, *, expected: Head) -> Any:
        return self.tape.request("get output", lambda: self.world.outputs.read(key, expected=expected))

    def put(
        self, key: str, data: bytes, content_type: str, metadata: Mapping[str, str], *, expected: Head | None
    ) -> None:
        def put() -> None:
            seen = self._seen(key, expected)
            self.world.outputs.check(key, seen)
            self.world.check_generation(key, seen, self.generation)
            if self.world.unique:
                self.world.check_put(self.tape, key, data, metadata, self.generation)
            self.world.outputs.put(key, data, content_type, metadata, expected=seen)
            self.world.note_complete(key.split("/", 1)[1].rsplit(".", 1)[0])

        self.tape.request("put manifest" if key.startswith("manifest/") else "put rendition", put)

    def delete(self, key: str, *, expected: Head) -> None:
        def delete() -> None:
            seen = self._seen(key, expected)
            if seen is None:
                return  # An unconditional delete of nothing succeeds.
            self.world.outputs.check(key, seen)
            self.world.check_generation(key, seen, self.generation)
            if self.world.unique:
                self.world.check_delete(key, self.generation)
            self.world.outputs.delete(key, expected=seen)

        self.tape.request("delete output", delete)

    def _seen(self, key: str, expected: Head | None) -> Head | None:
        """Return the head that the write is conditional on; for one without a condition, whatever is there."""
        return self.world.outputs.head(key) if expected is ANYTHING else expected


@dataclass
class TapedOriginals:
    tape: Tape
    world: Promises

    def mark(self, key: str, version_id: str | None) -> None:
        self.tape.request("tag source", lambda: self.world.tags.add((key, version_id)))

    def unmark(self, key: str, version_id: str | None) -> None:
        self.tape.request("untag source", lambda: self.world.tags.discard((key, version_id)))


@dataclass
class TapedRejects:
    tape: Tape
    world: Promises

    def note(self, key: str, reason: str) -> None:
        self.tape.request("note reject", lambda: self.world.rejects.note(key, reason))

    def forget(self, key: str, reason: str) -> None:
        self.tape.request("forget reject", lambda: self.world.rejects.forget(key, reason))


@dataclass
class TapedTopic:
    tape: Tape
    world: Promises

    def publish(self, manifest: Manifest) -> None:
        def publish() -> None:
            self.world.check_message(manifest)
            self.world.published.append(manifest)

        self.tape.request("publish", publish)


@dataclass
class TapedLetters:
    tape: Tape
    world: Promises

    def send(self, message: Message, error: PipelineError, request_id: str) -> None:
        def send() -> None:
            if self.world.unique:
                self.world.check_letter(self.tape, message, error)
            self.world.letters.send(message, error, request_id)

        self.tape.request("send dead letter", send)


class NoQueue:
    """Early deletes and delays change no outcome."""

    def delete(self, messages: Sequence[Message]) -> list[str]:
        return []

    def postpone(self, delays: Sequence[tuple[Message, int]]) -> list[str]:
        return []
