"""What to do about a dead letter, judged by what is in the buckets now, not by what was there when it failed.

verdict         when                                                        what to do
source-gone     the source is deleted, and so are its outputs               purge
already-ready   the manifest is of this very source and recipe              purge
archived        the source cannot be read before it is restored             restore
restoring       its restore is under way                                    wait; then it is rendered by itself
ignored         the configuration leaves its folder alone                   purge
superseded      a newer version came after the letter; its own event works  wait, then purge
permanent       its reason needs another picture or another configuration   replace it, or purge
no-answer       no reason: the worker never got to reply                    look at the worker, then redrive
retry           anything else                                               redrive
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ops.stack.parallel import each_with_result
from worker.contracts.errors import (
    DecoderCrashed,
    DecoderOutOfMemory,
    DecoderTimeout,
    KeyTooLong,
    Reject,
    TooLarge,
    reasons,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ops.queues.letter import Letter
    from ops.stack.buckets import Pictures
    from ops.stack.deployment import Deployment
    from ops.stack.picture import ManifestState, SourceState
    from worker.contracts.recipes.by_prefix import Recipe

RETRY: Final = "retry"
NO_ANSWER: Final = "no-answer"
ARCHIVED: Final = "archived"
RESTORING: Final = "restoring"
PERMANENT: Final = "permanent"
SUPERSEDED: Final = "superseded"
IGNORED: Final = "ignored"
SOURCE_GONE: Final = "source-gone"
ALREADY_READY: Final = "already-ready"
VERDICTS: Final = (RETRY, NO_ANSWER, ARCHIVED, RESTORING, PERMANENT, SUPERSEDED, IGNORED, SOURCE_GONE, ALREADY_READY)
"""By how much they need an operator, most first; a letter of several keys gets the first of their verdicts."""


OF_THE_CONFIGURATION: Final = frozenset(
    error.reason for error in (DecoderCrashed, DecoderOutOfMemory, DecoderTimeout, KeyTooLong, TooLarge)
)
"""Reasons that another recipe, more memory or more time can help. What is wrong with the others is wrong with the picture."""


@dataclass(frozen=True)
class Judge:
    """Judges letters of one stack."""

    pictures: Pictures
    deployment: Deployment

    def __call__(self, letter: Letter) -> str:
        """Return one of `VERDICTS`: two requests a key.

        Raises:
            Refusal: AWS does not show the picture.
        """
        keys = letter.keys(self.pictures.source_bucket)
        if not keys:
            return self._of_reason(letter)
        verdicts = {self._of_key(letter, key) for key in keys}
        return next(verdict for verdict in VERDICTS if verdict in verdicts)

    def each(self, letters: Iterable[Letter]) -> Iterator[tuple[Letter, str]]:
        """Judge letters as they come, many at a time, in constant memory.

        Raises:
            Refusal: AWS does not show a picture.
        """
        return each_with_result(self, letters)

    def _of_key(self, letter: Letter, key: str) -> str:
        source, manifest = self.pictures.source(key), self.pictures.manifest(key)
        if source is None:
            return SOURCE_GONE if manifest is None else RETRY  # Outputs of a removed picture are still to be removed.
        recipe = self.deployment.recipes.of(key)
        if recipe.is_ignored:
            return IGNORED if manifest is None else RETRY  # Outputs of a former recipe are still to be removed.
        if is_current(source, manifest, recipe):
            return ALREADY_READY
        if source.is_archived:
            return RESTORING if source.restore and source.restore.is_under_way else ARCHIVED
        if _is_newer(source, letter, key):
            return SUPERSEDED
        return self._of_reason(letter)

    def _of_reason(self, letter: Letter) -> str:
        if letter.reason is None:
            return NO_ANSWER
        return PERMANENT if self.is_permanent(letter.reason, letter.failed_at) else RETRY

    def is_permanent(self, reason: str, when: datetime) -> bool:
        """Whether the worker as it is now would come to the same verdict on the same picture as it did at a time, UTC."""
        was_another_worker = when < self.deployment.changed_at
        return reason in permanent_reasons() and not (was_another_worker and reason in OF_THE_CONFIGURATION)


def is_current(source: SourceState, manifest: ManifestState | None, recipe: Recipe) -> bool:
    """Whether the picture is ready as it is now."""
    if manifest is None or not manifest.is_ready:
        return False
    made_of = (source.etag, recipe.counted(source.focus), recipe.fingerprint)
    return (manifest.etag, manifest.focus, manifest.recipe) == made_of


def permanent_reasons() -> frozenset[str]:
    """Return the reasons that do not pass with time. `archived` is not among them: the source shows when it is restored."""
    return reasons(Reject) - {ARCHIVED}


def _is_newer(source: SourceState, letter: Letter, key: str) -> bool:
    """Whether the source was written after what the letter is about; S3's events say which version that is."""
    etag = letter.etag_of(key)
    return source.etag != etag if etag is not None else source.modified_at > letter.failed_at
