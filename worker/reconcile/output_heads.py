"""What is there of a source key's outputs, seen before the source is read: what every write is conditional on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from worker.contracts.keys import listed_keys, manifest_key, rendition_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.contracts.recipe import RenditionSpec
    from worker.process.parallel import Gather
    from worker.reconcile.buckets import Head, Outputs


@dataclass(frozen=True)
class Heads:
    """The heads of one source key's outputs.

    Attributes:
        renditions: Of the recipe, by key.
        outdated: Renditions of a former recipe that the manifest lists and this one does not have.
        manifest: The commit mark.
    """

    renditions: Mapping[str, Head | None]
    outdated: Mapping[str, Head]
    manifest: Head | None

    @classmethod
    def of(cls, key: str, specs: Sequence[RenditionSpec], outputs: Outputs, gather: Gather) -> Heads:
        """Look at every output that there may be.

        Raises:
            KeyTooLong: An output could not be written.
            Retry: S3 could not be had.
        """
        current = [rendition_key(spec, key) for spec in specs]
        manifest, *renditions = _looks(outputs, [manifest_key(key), *current], gather)
        listed = listed_keys(manifest.metadata.get("renditions", ""), key) if manifest else []
        outdated = [each for each in listed if each not in current]
        found = zip(outdated, _looks(outputs, outdated, gather), strict=True)
        return cls(
            renditions=dict(zip(current, renditions, strict=True)),
            outdated={each: head for each, head in found if head is not None},
            manifest=manifest,
        )

    def existing(self) -> dict[str, Head]:
        """Return every rendition that is there."""
        current = {key: head for key, head in self.renditions.items() if head is not None}
        return {**current, **self.outdated}

    def current_renditions(self, etag: str, recipe: str) -> set[str]:
        """Return the keys of renditions that were made from the source `etag` by `recipe`."""
        return {key for key, head in self.renditions.items() if _etag_behind(head, recipe) == etag}

    def agreed_etag(self, recipe: str) -> str | None:
        """Return the ETag of the source that all outputs are current for, None if they are not of one mind."""
        etags = {_etag_behind(head, recipe) for head in (*self.renditions.values(), self.manifest)}
        return etags.pop() if len(etags) == 1 else None


def _looks(outputs: Outputs, keys: Sequence[str], gather: Gather) -> list[Head | None]:
    return gather([partial(outputs.head, key) for key in keys])


def _etag_behind(head: Head | None, recipe: str) -> str | None:
    """Return the ETag of the source that an output was made from, None if it is missing or of another recipe."""
    if head is None or head.metadata.get("recipe") != recipe:
        return None
    return head.metadata.get("source-etag")
