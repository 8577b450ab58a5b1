"""What there is of one picture: source, manifest, renditions, dead letters, and what state that adds up to. Values; asks nothing.

The queue cannot be searched: looking at a message there would count as an attempt at it. So `queued` is a conclusion:
the outputs are not current, no dead letter is there, and messages are waiting.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.dead_letters.verdict import is_current

if TYPE_CHECKING:
    from ops.pictures.where.attempt import Attempt, NotSeen
    from ops.queues.letter import Letter
    from ops.stack.picture import ManifestState, RenditionState, SourceState
    from worker.contracts.recipes.by_prefix import Recipe

READY: Final = "ready"
ABSENT: Final = "absent"
DEAD: Final = "dead-lettered"
QUEUED: Final = "queued"
IGNORED: Final = "ignored"
OUTDATED: Final = "outdated"
LOST: Final = "lost"
REJECTED: Final = "rejected"


@dataclass(frozen=True)
class PictureState:
    """What there is of one key.

    Attributes:
        recipe: What current outputs are of.
        letters: Dead letters about the key.
        waiting: Messages in the queues, about any picture.
        attempt: The latest at it; None where nobody looked, because the rest says enough.
    """

    key: str
    recipe: Recipe
    source: SourceState | None
    manifest: ManifestState | None
    renditions: tuple[RenditionState, ...]
    letters: tuple[Letter, ...]
    waiting: int
    attempt: Attempt | NotSeen | None = None

    @property
    def state(self) -> str:
        """Where the picture is on its way."""
        is_anything_left = self.manifest is not None or any(each.size is not None for each in self.renditions)
        if self.source is None:
            return self._on_the_way if is_anything_left else ABSENT
        if self.recipe.is_ignored and not self.letters:
            return OUTDATED if is_anything_left else IGNORED
        if is_current(self.source, self.manifest, self.recipe):
            return READY if all(map(self.is_rendition_current, self.renditions)) else self._on_the_way
        if self.letters:
            return DEAD
        if self.manifest is not None and self.manifest.is_rejected and self.manifest.etag == self.source.etag:
            return REJECTED
        is_ready = self.manifest is not None and self.manifest.is_ready and self.manifest.etag == self.source.etag
        return OUTDATED if is_ready and not self.waiting else self._on_the_way

    @property
    def _on_the_way(self) -> str:
        if self.letters:
            return DEAD
        return QUEUED if self.waiting else LOST

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to do about it."""
        return self.state in {READY, ABSENT, IGNORED}

    def is_rendition_current(self, rendition: RenditionState) -> bool:
        """Whether a rendition is of the source and recipe that there are now."""
        if self.source is None:
            return False
        made_of = (self.source.etag, self.recipe.counted(self.source.focus), self.recipe.fingerprint)
        return (rendition.source_etag, rendition.focus, rendition.recipe) == made_of

    def lines(self, advice: str) -> list[str]:
        """Return the picture for people, `advice` last."""
        said = [
            ("source", self._source_line()),
            ("manifest", self._manifest_line()),
            *(("rendition", self._rendition_line(rendition)) for rendition in self.renditions),
            *(("dead letter", f"{letter.id}  {letter.reason or 'no reason'}") for letter in self.letters),
            *([("last attempt", str(self.attempt))] if self.attempt else []),
            ("state", self.state),
            ("next", advice),
        ]
        return [f"{label:<12}  {text}" for label, text in said]

    def to_json(self, advice: str) -> dict[str, Any]:
        """Return the picture for programs."""
        source = self.source and {
            **asdict(self.source),
            "modified_at": self.source.modified_at.isoformat(),
            "restore": self.source.restore and self.source.restore.to_json(),
        }
        return {
            "key": self.key,
            "state": self.state,
            "source": source,
            "manifest": self.manifest and dict(self.manifest.document),
            "renditions": [
                {**asdict(rendition), "is_current": self.is_rendition_current(rendition)}
                for rendition in self.renditions
            ],
            "dead_letters": [letter.to_json() for letter in self.letters],
            "last_attempt": self.attempt and self.attempt.to_json(),
            "next": advice,
        }

    def _source_line(self) -> str:
        source = self.source
        if source is None:
            return "none"
        version = f", version {source.version_id}" if source.version_id else ""
        archived = f", archived in {source.storage_class}" if source.is_archived else ""
        restore = f", {source.restore}" if source.restore else ""
        when = source.modified_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        focus = f", focus {source.focus}" if source.focus else ""
        return f"{source.size:,} bytes of {when}, ETag {source.etag}{version}{focus}{archived}{restore}"

    def _manifest_line(self) -> str:
        if self.manifest is None:
            return "none"
        document = self.manifest.document
        is_of_source = self.source is not None and self.manifest.etag == self.source.etag
        of = "of this source" if is_of_source else "of another version"
        why = f": {document.get('reason')}: {document.get('detail')}" if self.manifest.is_rejected else ""
        recipe = "" if self.manifest.recipe == self.recipe.fingerprint else ", by another recipe"
        focus = "" if self._has_its_focus else ", by another focus"
        return f"{document.get('type')} of {document.get('processed_at')}, {of}{recipe}{focus}{why}"

    @property
    def _has_its_focus(self) -> bool:
        """Whether the manifest is by the focus that the source has now; a reject is by none."""
        if self.source is None or self.manifest is None or not self.manifest.is_ready:
            return True
        return self.manifest.focus == self.recipe.counted(self.source.focus)

    def _rendition_line(self, rendition: RenditionState) -> str:
        if rendition.size is None:
            return f"{rendition.key}  missing"
        current = "current" if self.is_rendition_current(rendition) else "outdated"
        return f"{rendition.key}  {current}, {rendition.size:,} bytes"
