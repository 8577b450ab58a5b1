"""What a world records of its buckets, and the promises about them: what must never happen, and what must be true at the end."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.worker.fakes import MemoryDeadLetters, MemoryOutputs, MemoryRejects, MemorySources, etag_of
from worker.contracts.errors import CorruptImage
from worker.contracts.events import keys_of
from worker.contracts.keys import manifest_key, rendition_key
from worker.contracts.manifest import READY, REJECTED
from worker.contracts.notes import FOCUS_IGNORED
from worker.contracts.recipes.focus import IGNORED, mark_of
from worker.contracts.recipes.specs import RenditionSpec, focused, recipe_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.worker.reconcile.faults.tape import Tape
    from worker.contracts.errors import PipelineError
    from worker.contracts.manifest import Manifest
    from worker.queue.message import Message
    from worker.reconcile.outputs import Head

BUCKET = "pictures"
KEYS = ("a", "b")
PICTURES = (b"one", b"two", b"one#with other metadata", b"bad")
RECIPES = (
    (RenditionSpec("thumbnail", 16, 16), RenditionSpec("web", 32, 32)),
    (RenditionSpec("small", 16, 16), RenditionSpec("web", 32, 32, format="png")),
    (RenditionSpec("thumbnail", 24, 24, fit="cover"), RenditionSpec("web", 32, 32)),
    (),
)
"""The third one crops, the last one ignores every picture."""
CROPS = 2
FOCI = (b"", b"0.2,0.8", b"0.9,0.1", b"nowhere")
"""User metadata of an original; the last is no focus."""
ANYTHING: Any = object()
"""In the place of an expected head: whatever is there."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def is_bad(picture: bytes) -> bool:
    """Return whether the picture cannot be rendered."""
    return picture.startswith(b"bad")


def parts_of(picture: bytes) -> tuple[bytes, str | None]:
    """Return the bytes of an original and its focus: what follows an `@` is user metadata, and no part of the bytes."""
    content, at, focus = picture.partition(b"@")
    return content, focus.decode() if at else None


def rendered(content: bytes, spec: RenditionSpec) -> bytes:
    """Return the rendition of the bytes of a picture; what follows a `#` is metadata, which a rendition does not have."""
    return b"%s %d of %s around %s" % (
        spec.name.encode(),
        spec.width,
        content.partition(b"#")[0],
        str(spec.focus).encode(),
    )


Identity = tuple[str, str]
"""ETag and focus."""


def identity_of(picture: bytes, specs: Sequence[RenditionSpec]) -> Identity:
    """Return what a picture is known by where these renditions are made of it."""
    content, focus = parts_of(picture)
    return etag_of(content), mark_of(focus) if any(spec.crops for spec in specs) else ""


def identity_in(metadata: Mapping[str, str]) -> Identity:
    """Return what the picture is known by that an output was made of."""
    return metadata["source-etag"], metadata.get("focus", "")


def identity_of_message(manifest: Manifest) -> Identity:
    """Return what the picture is known by that a message is about."""
    ignored = "ignored" if "focus-ignored" in manifest.notes else ""
    return f'"{manifest.source.etag}"', manifest.source.focus or ignored


@dataclass
class Promises:
    """Both buckets, the topic and the dead letters, with all that happened to them.

    Attributes:
        unique: Whether no picture ever comes back, so that the order of versions is known.
        archives: Whether originals may be archived.
        recipe: Number of the recipe that is deployed.
        generation: Of it.
        unexplained: Bodies of dead letters that SQS moved itself.
        abandoned: Keys whose message was deleted by one worker while another failed.
        complete: Every key, identity of the source and recipe of which the source and all renditions once existed at the same time.
        tags: Keys and versions of originals that may be archived.
        verdicts: When a worker committed a reject, by worker, key and source ETag.
        broken: Promises that were broken.
    """

    unique: bool = False
    archives: bool = False
    recipe: int = 0
    generation: int = 1
    sources: MemorySources = field(default_factory=MemorySources)
    outputs: MemoryOutputs = field(default_factory=MemoryOutputs)
    rejects: MemoryRejects = field(default_factory=MemoryRejects)
    letters: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)
    unexplained: list[str] = field(default_factory=list)
    abandoned: set[str] = field(default_factory=set)
    published: list[Manifest] = field(default_factory=list)
    complete: set[tuple[str, Identity, str]] = field(default_factory=set)
    tags: set[tuple[str, str | None]] = field(default_factory=set)
    versions: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=lambda: {key: [] for key in KEYS})
    verdicts: dict[tuple[int, str, str], int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    time: itertools.count[int] = field(default_factory=itertools.count)

    def picture(self, key: str) -> bytes | None:
        """Return the picture that is there now."""
        return self.versions[key][-1][1] if self.versions[key] else None

    # What must never happen.

    def note_complete(self, key: str) -> None:
        """Remember it if the source and every rendition of it are there at this moment."""
        picture = self.picture(key)
        if picture is None or is_bad(picture):
            return
        for specs in filter(None, RECIPES):
            heads = [self.outputs.head(rendition_key(spec, key)) for spec in specs]
            made = {head and (identity_in(head.metadata), head.metadata["recipe"]) for head in heads}
            if made == {(identity_of(picture, specs), recipe_of(specs))}:
                self.complete.add((key, identity_of(picture, specs), recipe_of(specs)))

    def check_message(self, manifest: Manifest) -> None:
        """Fail if a completion message is no outcome of the picture, or of one that was never complete."""
        key, etag = manifest.source.key, f'"{manifest.source.etag}"'
        pictures = {identity_of(each, ())[0]: each for _, each in self.versions[key] if each is not None}
        self._promise(etag in pictures, f"{key} has a message, and never was there")
        expected = REJECTED if is_bad(pictures[etag]) else READY
        self._promise(manifest.type == expected, f"{key} is announced as {manifest.type}, and is not")
        if manifest.type == READY and self.unique and manifest.generation == self.generation:
            is_complete = (key, identity_of_message(manifest), manifest.recipe) in self.complete
            self._promise(is_complete, f"{key} is announced as ready, and never was")

    def check_generation(self, key: str, seen: Head | None, generation: int) -> None:
        """Fail if a worker changes what a later generation has made.

        One that has seen an earlier generation's output of the very same bytes cannot know.
        """
        there = self.outputs.head(key)
        for head in (there, seen):
            later = head is not None and int(head.metadata["generation"]) > generation
            self._promise(not later or (head is there and seen is not there), f"{key}: a later generation made it")

    def check_put(self, tape: Tape, key: str, data: bytes, metadata: Mapping[str, str], generation: int) -> None:
        """Fail if a write goes back in time, or commits to what is not there; only where pictures are unique.

        One that has seen an earlier output of the very same bytes cannot know: all that is scaled and not cropped has them, too.
        """
        manifest = key.startswith("manifest/")
        source_key = key.split("/", 1)[1].rsplit(".", 1)[0]
        there = self.outputs.head(key)
        version = self.versions_of(source_key, metadata)[-1]
        if there and self.outputs.objects[key].data != data:
            older = self.versions_of(source_key, there.metadata)[0]
            self._promise(older <= version, f"{key} goes back in time: {there.metadata} <- {metadata}")
        is_current = generation == self.generation and version == len(self.versions[source_key]) - 1
        if manifest and "recipe" in metadata and is_current:
            for spec in RECIPES[self.recipe]:
                head = self.outputs.head(rendition_key(spec, source_key))
                made_from = head and identity_in(head.metadata)
                self._promise(made_from == identity_in(metadata), f"{key} names a rendition that is not there")
        if manifest and "reason" in metadata:
            # Of this worker: another one may come to the same verdict, and later.
            self.verdicts[id(tape), source_key, metadata["source-etag"]] = next(self.time)

    def check_delete(self, key: str, generation: int) -> None:
        """Fail if an output of the picture as it is now is deleted by a worker of the recipe as it is now."""
        source_key = key.split("/", 1)[1].rsplit(".", 1)[0]
        there = self.outputs.head(key)
        current = {rendition_key(spec, source_key) for spec in RECIPES[self.recipe]} | {manifest_key(source_key)}
        if (
            there
            and key in current
            and source_key in self.sources.objects
            and generation == self.generation
            and RECIPES[self.recipe]
        ):
            now = etag_of(self.sources.objects[source_key])
            self._promise(there.metadata["source-etag"] != now, f"{key} is deleted although it is current")

    def check_letter(self, tape: Tape, message: Message, error: PipelineError) -> None:
        """Fail if a picture is given up that had been replaced before the verdict was written down."""
        if not isinstance(error, CorruptImage):
            return
        for key in keys_of(message.body, BUCKET):
            etag = etag_of(error.detail.encode())
            verdict = self.verdicts[id(tape), key, etag]
            following = self.versions_of(key, {"source-etag": etag})[-1] + 1  # The same bytes get the same verdict.
            replaced = self.versions[key][following][0] if following < len(self.versions[key]) else None
            in_time = replaced is None or replaced > verdict
            self._promise(in_time, f"{key}: {error.detail} was replaced before its verdict")

    def _promise(self, kept: bool, otherwise: str) -> None:
        """Remember a broken promise: an exception here would only be one more failure that the worker survives."""
        if not kept:
            self.broken.append(otherwise)

    def versions_of(self, key: str, metadata: Mapping[str, str]) -> list[int]:
        """Return the numbers of the versions that an output may have been made from, by its marks; by a recipe that crops it is one."""
        crops = metadata.get("recipe") == recipe_of(RECIPES[CROPS])
        etag, focus = identity_in(metadata)
        found = []
        for number, (_, picture) in enumerate(self.versions[key]):
            content, own = parts_of(picture or b"")
            if picture is not None and etag_of(content) == etag and (mark_of(own) == focus or not (crops or focus)):
                found.append(number)
        return found

    # What must be true at the end.

    def check(self) -> None:
        """Fail if, with the queue empty and no worker left, anything is lost, stale or left over."""
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
        """Return whether a dead letter asks an operator to try the key again, or its message is lost: deleted by one worker while another failed."""
        if key in self.abandoned:
            return True
        bodies = [message.body for message, error in self.letters.letters if error.retryable] + self.unexplained
        return any(key in keys_of(body, BUCKET) for body in bodies)

    def _check_key(self, key: str) -> dict[str, bytes]:
        """Return the outputs that a key must have; empty bytes stand for any."""
        picture, specs = self.picture(key), RECIPES[self.recipe]
        if picture is None or not specs:
            return {}
        content, focus = parts_of(picture)
        identity = identity_of(picture, specs)
        head = self.outputs.head(manifest_key(key))
        assert head, f"{key} has no manifest"
        assert identity_in(head.metadata) == identity, f"the manifest of {key} is stale"
        if is_bad(picture):
            assert head.metadata["reason"] == "corrupt-image"
            assert (key, "corrupt-image") in self.rejects.noted, f"the index of rejects does not have {key}"
            assert any(error.detail == content.decode() for _, error in self.letters.letters), f"{key}: no dead letter"
            assert self._is_published(REJECTED, key, identity), f"there is no message that {key} is rejected"
            assert (key, self.sources.version(key)) not in self.tags, f"{key} may be archived although it is rejected"
            kept = [output for output in self.outputs.objects if output.split("/", 1)[1].rsplit(".", 1)[0] == key]
            return dict.fromkeys(kept, b"")
        assert head.metadata["recipe"] == recipe_of(RECIPES[self.recipe]), f"{key} is of a former recipe"
        assert (FOCUS_IGNORED in self.notes(key)) == (identity[1] == IGNORED), f"{key} has no note of its focus"
        own = focused(specs, mark_of(focus))
        renditions = {rendition_key(spec, key): rendered(content, spec) for spec in own}
        assert renditions.keys() <= self.outputs.objects.keys(), f"renditions of {key} are missing"
        marks = {identity_in(self.outputs.objects[each].head.metadata) for each in renditions}
        assert marks == {identity}, f"a rendition of {key} is of another picture"
        assert self._is_published(READY, key, identity), f"there is no message that {key} is ready"
        assert not self.archives or (key, self.sources.version(key)) in self.tags, f"{key} will never be archived"
        return {**renditions, manifest_key(key): b""}

    def notes(self, key: str) -> list[str]:
        """Return the notes in the manifest."""
        return list(json.loads(self.outputs.objects[manifest_key(key)].data)["notes"])

    def _is_published(self, type_: str, key: str, identity: Identity) -> bool:
        """Return whether it was; a reject is about the bytes alone."""
        about = [each for each in self.published if (each.type, each.source.key) == (type_, key)]
        if type_ == REJECTED:
            return any(identity_of_message(each)[0] == identity[0] for each in about)
        return any(identity_of_message(each) == identity for each in about)
