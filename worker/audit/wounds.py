"""What is wrong with a picture, judged by the listings, and by the marks of its outputs where listings do not suffice. Pure.

missing      a source without any output                         its event was lost
incomplete   some outputs are missing                            deleted by hand, or left halfway
outdated     outputs of another version or of another recipe     an event was lost, or the recipe has changed
leftovers    renditions that the recipe does not name            files of a former recipe
orphaned     outputs of a source that is gone or ignored         the event of a deletion was lost

A listing does not say which version or recipe an output was made of. It suffices where the manifest is younger than the source
and no older than any rendition: the worker writes it last, and only while the source is what it rendered. It does not suffice

- where both are of the same second, which is all that a listing tells of time, or the source is younger: it may have been
  written over with the same bytes;
- for a source that was uploaded in parts, which S3 dates by the beginning of its upload
  (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html);
- for its focus, where something is cropped and the source is not older: a copy in place may have changed only that;
- as long as recipes have changed since everything was last looked at;
- for what is about to be deleted: only what bears the worker's marks is the pipeline's.

What leaves no trace in times, such as an older version that is back because the latest was deleted, is found by looking at one picture
in `SHARES` at each audit, at others each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zlib import crc32

from worker.contracts.errors import KeyTooLong
from worker.contracts.keys import listing, manifest_key, rendition_key
from worker.contracts.recipes.focus import METADATA
from worker.contracts.recipes.specs import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.audit.side_by_side import Listed, Picture
    from worker.contracts.recipes.by_prefix import Recipe, Recipes

    Marks = Mapping[str, Mapping[str, str]]
    """By output key, the metadata that was found."""

MISSING: Final = "missing"
INCOMPLETE: Final = "incomplete"
OUTDATED: Final = "outdated"
LEFTOVERS: Final = "leftovers"
ORPHANED: Final = "orphaned"
WOUNDS: Final = (MISSING, INCOMPLETE, OUTDATED, LEFTOVERS, ORPHANED)

FINE: Final = "fine"
IGNORED: Final = "ignored"
TOO_YOUNG: Final = "too young"
REJECTED: Final = "rejected"
ARCHIVED: Final = "archived"
"""The worker would only reject it; its restore is an event of its own."""

SHARES: Final = 16


@dataclass(frozen=True)
class Verdict:
    """One of `WOUNDS`, or what else there is to say; `leftovers` as in `worker.contracts.keys.listing`."""

    kind: str
    leftovers: str = ""

    @property
    def is_wound(self) -> bool:
        """Whether a hint is to be sent."""
        return self.kind in WOUNDS


@dataclass(frozen=True)
class Look:
    """Outputs of which the marks have to be read, and the key of the original if its focus has to be, too."""

    keys: tuple[str, ...]
    original: str | None = None


@dataclass(frozen=True)
class Judge:
    """Judges the pictures of one audit.

    Attributes:
        recipes: Of the deployment.
        now: When the listing was begun, in seconds since the epoch.
        settled_after: Seconds in which a message of a picture may still be under way: a younger one has no wound.
        expire_after: Seconds after which the output bucket deletes outputs, which is no wound; 0 for never.
        trusts_recipes: Whether nothing of another recipe was left when everything was last looked at.
        share: Which of the `SHARES` is looked at although its listing is in order; None for none.
    """

    recipes: Recipes
    now: float
    settled_after: float
    expire_after: float = 0
    trusts_recipes: bool = False
    share: int | None = None

    def by_listing(self, picture: Picture) -> Verdict | Look:
        """Judge, or say what has to be looked at first."""
        if picture.modified > self.now - self.settled_after:
            return Verdict(TOO_YOUNG)
        recipe = self.recipes.of(picture.key)
        if picture.source is None or recipe.is_ignored:
            return Look(_keys(picture)) if picture.outputs else Verdict(IGNORED)
        return self._of_both(picture, picture.source, recipe)

    def _of_both(self, picture: Picture, source: Listed, recipe: Recipe) -> Verdict | Look:
        if source.is_archived:
            return Verdict(ARCHIVED)
        if not picture.outputs:
            return self._without_outputs(picture, source, recipe)
        try:
            wanted, manifest = _wanted(recipe, picture.key), manifest_key(picture.key)
        except KeyTooLong:
            return Look(_keys(picture))
        times = {each.key: each.modified for each in picture.outputs}
        original = picture.key if recipe.crops else None
        if set(times) != {*wanted, manifest} or max(times.values()) > times[manifest] or self._is_due(picture.key):
            return Look(_keys(picture), original)
        is_proven = times[manifest] > source.modified and "-" not in source.etag
        if is_proven:
            return Verdict(FINE) if self.trusts_recipes else Look((manifest,))
        return Look((manifest,), original)

    def by_marks(self, picture: Picture, marks: Marks, focus: str | None = None) -> Verdict:
        """Judge by the marks of the outputs that `by_listing` named; those that are gone meanwhile are not in `marks`.

        `focus` is the mark of the original's; None where nobody looked, or it is gone.
        """
        ours = {key: found for key, found in marks.items() if "source-etag" in found}
        recipe = self.recipes.of(picture.key)
        if picture.source is None or recipe.is_ignored:
            return Verdict(ORPHANED, _leftovers(ours, picture.key)) if ours else Verdict(IGNORED)
        return self._of_ours(picture, picture.source, recipe, ours, focus)

    def _of_ours(self, picture: Picture, source: Listed, recipe: Recipe, ours: Marks, focus: str | None) -> Verdict:
        try:
            wanted, manifest = _wanted(recipe, picture.key), manifest_key(picture.key)
        except KeyTooLong:
            return Verdict(REJECTED)
        etag = source.etag
        if manifest in ours and "recipe" not in ours[manifest] and _etag(ours[manifest]) == etag:
            return Verdict(REJECTED)
        there = {each.key for each in picture.outputs}
        if not {*wanted, manifest} <= there:
            is_expected = self._is_expired(source)
            return Verdict(FINE) if is_expected else Verdict(INCOMPLETE, _leftovers(ours, picture.key, wanted))
        leftovers = _leftovers(ours, picture.key, wanted)
        current = [found for key, found in ours.items() if key in {*wanted, manifest}]
        made_of = {(_etag(found), found.get("recipe")) for found in current}
        foci = {found.get(METADATA, "") for found in current}
        if made_of != {(etag, recipe.fingerprint)} or (focus is not None and foci != {focus}):
            return Verdict(OUTDATED, leftovers)
        return Verdict(LEFTOVERS, leftovers) if leftovers else Verdict(FINE)

    def _without_outputs(self, picture: Picture, source: Listed, recipe: Recipe) -> Verdict:
        if picture.key.endswith("/"):  # A folder that a console made is no picture.
            return Verdict(IGNORED)
        try:
            _wanted(recipe, picture.key)
            manifest_key(picture.key)
        except KeyTooLong:
            return Verdict(REJECTED)  # Its manifest's key would be too long, too: there is none.
        return Verdict(FINE if self._is_expired(source) else MISSING)

    def _is_expired(self, source: Listed) -> bool:
        return bool(self.expire_after) and source.modified < self.now - self.expire_after

    def _is_due(self, key: str) -> bool:
        return self.share is not None and crc32(key.encode()) % SHARES == self.share


def _keys(picture: Picture) -> tuple[str, ...]:
    return tuple(each.key for each in picture.outputs)


def _wanted(recipe: Recipe, key: str) -> list[str]:
    return [rendition_key(spec, key) for spec in recipe.specs]


def _etag(found: Mapping[str, str]) -> str:
    return found.get("source-etag", "").strip('"')


def _leftovers(ours: Marks, key: str, wanted: list[str] | None = None) -> str:
    """Return the renditions among `ours` that are not wanted."""
    kept = {f"{MANIFEST}/{key}.json", *(wanted or [])}
    return listing((each for each in sorted(ours) if each not in kept), key)
