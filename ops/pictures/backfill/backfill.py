"""Has the worker reconcile pictures that are in the source bucket already: one message a picture, in constant memory.

The messages go to the low-priority queue, whose own event source mapping has its own concurrency: live uploads never
wait behind a million old pictures.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ops.queues.batches import batches, retry_failed, size_of
from ops.stack.parallel import each_with_result
from worker.contracts.events import event_body
from worker.contracts.keys import rendition_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ops.dead_letters.verdict import Judge
    from ops.queues.queue import Queue
    from ops.queues.rate import RateLimit
    from ops.stack.picture import Listed, ManifestState

SEND: Final = "send"
SKIP: Final = "skip"
IGNORED: Final = "ignored"
REJECTED: Final = "rejected"
_FIRST: Final = 1
"""Generation before which nothing was made of any picture: of an ignored one there are no outputs to be found."""


@dataclass
class Seen:
    """What a backfill came across.

    Attributes:
        listed: Pictures that there are.
        chosen: Those to be sent again.
        bytes: Of the originals of these, by storage class.
        archived: Of these, that cannot be read before they are restored.
        renditions: Of these, all together.
        ignored: Those that the configuration leaves alone, and that have no outputs.
        rejected: Those that would only be rejected again.
        deletes: By rendition, outputs that no recipe names any more; only manifests that are read say so.
    """

    listed: int = 0
    chosen: int = 0
    bytes: Counter[str] = field(default_factory=Counter)
    archived: int = 0
    renditions: int = 0
    ignored: int = 0
    rejected: int = 0
    deletes: Counter[str] = field(default_factory=Counter)


@dataclass
class Enqueued:
    """What was sent, and why the rest was not taken."""

    sent: int = 0
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Decision:
    """What is to be done about one picture: `SEND` or `SKIP`, `IGNORED` or `REJECTED`; the renditions that go.

    `failed` is whether it is rejected now, so that another reject of it would say nothing about the recipes.
    """

    choice: str
    deletes: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True)
class Selection:
    """The pictures to reconcile again.

    Attributes:
        judge: Knows the recipes, and which rejects are final.
        prefix: Of their keys.
        outdated: Only pictures whose manifest is of another recipe, of another ETag or focus, or missing.
        looks: Those whose manifest has no look or former addresses, too; an archived original cannot be read for one.
        after: Only keys after this one, in the order of the listing.
    """

    judge: Judge
    prefix: str
    outdated: bool
    looks: bool = False
    after: str = ""

    def keys(self, seen: Seen) -> Iterator[str]:
        """Yield the keys, counting in `seen` as they go by.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        return (listed.key for listed, _ in self.chosen(seen))

    def chosen(self, seen: Seen) -> Iterator[tuple[Listed, Decision]]:
        """Yield the pictures, counting in `seen` as they go by.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        for listed, decision in each_with_result(self.decide, self._listed(seen)):
            self._count(listed, decision, seen)
            if decision.choice == SEND:
                yield listed, decision

    def _count(self, listed: Listed, decision: Decision, seen: Seen) -> None:
        seen.ignored += decision.choice == IGNORED
        seen.rejected += decision.choice == REJECTED
        seen.deletes.update(decision.deletes)
        if decision.choice == SEND:
            seen.chosen += 1
            seen.bytes[listed.storage_class] += listed.size
            seen.archived += listed.is_archived
            seen.renditions += len(self.judge.deployment.recipes.of(listed.key).specs)

    def _listed(self, seen: Seen) -> Iterator[Listed]:
        """Yield what there is, by the first recipes no further than they reach: a bucket of others may have anything besides."""
        recipes = self.judge.deployment.recipes
        reach = recipes.scope if recipes.generation == _FIRST else ""
        narrower, wider = sorted((self.prefix, reach), key=len, reverse=True)
        if not narrower.startswith(wider):
            return
        for listed in self.judge.pictures.listed(narrower, self.after):
            if not listed.key.endswith("/"):  # A folder that a console made is no picture.
                seen.listed += 1
                yield listed

    def decide(self, listed: Listed) -> Decision:
        """Return what is to be done about one picture.

        Raises:
            Refusal: AWS does not show its manifest.
        """
        recipes = self.judge.deployment.recipes
        recipe = recipes.of(listed.key)
        if recipe.is_ignored and recipes.generation == _FIRST:
            return Decision(IGNORED)
        if not self.outdated and not recipe.is_ignored:
            return Decision(SEND)
        manifest = self.judge.pictures.manifest(listed.key)
        if manifest is None:
            return Decision(IGNORED if recipe.is_ignored else SEND)
        if manifest.etag == listed.etag and not recipe.is_ignored:
            if manifest.is_ready and manifest.recipe == recipe.fingerprint and self._has_its_focus(listed, manifest):
                has_look = not self.looks or manifest.has_look(self.judge.deployment.origin)
                return Decision(SKIP if has_look or listed.is_archived else SEND)
            if manifest.is_rejected and self.judge.is_permanent(manifest.reason, manifest.processed_at):
                return Decision(REJECTED)
        kept = {rendition_key(spec, listed.key) for spec in recipe.specs}
        deletes = tuple(name for name, key in manifest.renditions if key not in kept)
        return Decision(SEND, deletes, failed=manifest.is_rejected)

    def _has_its_focus(self, listed: Listed, manifest: ManifestState) -> bool:
        """Whether the manifest is by the focus that the original has now, which only a HEAD of it says.

        It is made of those that were written since: a copy in place may have changed nothing but the focus.
        """
        if not self.judge.deployment.recipes.of(listed.key).crops or listed.modified_at < manifest.processed_at:
            return True
        source = self.judge.pictures.source(listed.key)
        return source is not None and source.focus == manifest.focus


@dataclass(frozen=True)
class Backfill:
    """Sends a message a key to `queue`, which asks for its look or not; `on_progress` gets the number of messages sent."""

    bucket: str
    queue: Queue
    rate_limit: RateLimit
    on_progress: Callable[[int], None] = lambda _count: None
    pause: Callable[[float], None] = time.sleep
    looks: bool = False

    def run(self, keys: Iterable[str]) -> Enqueued:
        """Send a message of each key.

        Raises:
            Refusal: AWS did not take a batch, or did not answer. Running it again does no harm.
        """
        return self.send(event_body(self.bucket, key, looks=self.looks) for key in keys)

    def send(self, bodies: Iterable[str]) -> Enqueued:
        """Send messages, ten a request.

        Raises:
            Refusal: AWS did not take a batch, or did not answer. Running it again does no harm.
        """
        total = Enqueued()
        entries = ({"MessageBody": body} for body in bodies)
        for batch in batches((entry, size_of(entry)) for entry in entries):
            self.rate_limit.wait(len(batch))
            failed = retry_failed(self.queue.send, batch, self.pause)
            total.sent += len(batch) - len(failed)
            total.refused.update(str(failure) for failure in failed.values())
            self.on_progress(len(batch))
        return total
