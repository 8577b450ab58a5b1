"""Has the worker reconcile pictures that are in the source bucket already: one message a picture, in constant memory.

The messages go to the low-priority queue, whose own event source mapping has its own concurrency: live uploads never
wait behind a million old pictures.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.queues.batches import batches, retry_failed, size_of
from ops.stack.parallel import each_with_result
from worker.contracts.events import event_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ops.queues.queue import Queue
    from ops.queues.rate import RateLimit
    from ops.stack.buckets import Listed, Pictures


@dataclass
class Seen:
    """What a backfill came across: `listed` pictures, of which those to be sent again are `chosen`."""

    listed: int = 0
    chosen: int = 0


@dataclass
class Enqueued:
    """What was sent, and why the rest was not taken."""

    sent: int = 0
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Selection:
    """The pictures to reconcile again.

    Attributes:
        prefix: Of their keys.
        recipe: Only pictures whose manifest is of another one, or of another ETag, or missing; None for all.
    """

    pictures: Pictures
    prefix: str
    recipe: str | None

    def keys(self, seen: Seen) -> Iterator[str]:
        """Yield the keys, counting in `seen` as they go by.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        for listed in self._listed(seen) if self.recipe is None else self._outdated(seen):
            seen.chosen += 1
            yield listed.key

    def _listed(self, seen: Seen) -> Iterator[Listed]:
        for listed in self.pictures.listed(self.prefix):
            if not listed.key.endswith("/"):  # A folder that a console made is no picture.
                seen.listed += 1
                yield listed

    def _outdated(self, seen: Seen) -> Iterator[Listed]:
        checked = each_with_result(self._is_outdated, self._listed(seen))
        return (listed for listed, is_outdated in checked if is_outdated)

    def _is_outdated(self, listed: Listed) -> bool:
        manifest = self.pictures.manifest(listed.key)
        return manifest is None or (manifest.etag, manifest.recipe) != (listed.etag, self.recipe)


@dataclass(frozen=True)
class Backfill:
    """Sends a message a key to `queue`; `on_progress` gets the number of messages sent."""

    bucket: str
    queue: Queue
    rate_limit: RateLimit
    on_progress: Callable[[int], None] = lambda _count: None
    pause: Callable[[float], None] = time.sleep

    def run(self, keys: Iterable[str]) -> Enqueued:
        """Send everything, ten a request.

        Raises:
            Refusal: AWS did not take a batch, or did not answer. Running it again does no harm.
        """
        total = Enqueued()
        entries = ({"MessageBody": event_body(self.bucket, key)} for key in keys)
        for batch in batches((entry, size_of(entry)) for entry in entries):
            self.rate_limit.wait(len(batch))
            failed = retry_failed(self.queue.send, batch, self.pause)
            total.sent += len(batch) - len(failed)
            total.refused.update(str(failure) for failure in failed.values())
            self.on_progress(len(batch))
        return total
