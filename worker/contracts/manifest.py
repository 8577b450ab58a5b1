"""The manifest of a source key: its outcome. Also the body of its completion message. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from worker.contracts.errors import Reject
    from worker.contracts.recipes.by_prefix import Recipe

READY: Final = "image.ready"
REJECTED: Final = "image.rejected"
CONTENT_TYPE: Final = "application/json"
VERSION: Final = 1
"""Of the document's form, docs/completion.schema.json; a field that is added is no new version, one that is removed or changed is."""


@dataclass(frozen=True)
class SourceEntry:
    """The version of the source that was read; format and upright size in pixels are unknown of a rejected one.

    `focus` is its own, where it has one and something was cropped.
    """

    bucket: str
    key: str
    etag: str
    version_id: str | None
    bytes: int
    format: str | None = None
    width: int | None = None
    height: int | None = None
    focus: str | None = None


@dataclass(frozen=True)
class PictureEntry:
    """What a page needs of a picture before it has loaded.

    Attributes:
        width: In pixels, upright.
        height: In pixels, upright.
        color: The dominant one, `#rrggbb`.
        placeholder: A `data:` URI of at most 300 bytes that looks like it.
        thumbhash: In base64 (https://evanw.github.io/thumbhash/).
    """

    width: int
    height: int
    color: str
    placeholder: str
    thumbhash: str


@dataclass(frozen=True)
class RenditionEntry:
    """One rendition that can be read; size in pixels.

    Attributes:
        version: Another one whenever its bytes may be others; None of one that a former version of the worker made.
        url: Where a page finds this version; None where nothing delivers it.
    """

    name: str
    key: str
    width: int
    height: int
    bytes: int
    content_type: str
    version: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Manifest:
    """`type` is `READY`, or `REJECTED` with `reason` and `detail` and no renditions; `processed_at` is UTC.

    `generation` is that of the recipes (`worker/contracts/recipes/by_prefix.py`).
    """

    type: str
    source: SourceEntry
    recipe: str
    generation: int
    processed_at: str
    renditions: tuple[RenditionEntry, ...] = ()
    notes: tuple[str, ...] = ()
    picture: PictureEntry | None = None
    reason: str | None = None
    detail: str | None = None

    @classmethod
    def ready(
        cls,
        source: SourceEntry,
        recipe: Recipe,
        now: datetime,
        renditions: Sequence[RenditionEntry],
        notes: Sequence[str],
        picture: PictureEntry | None = None,
    ) -> Manifest:
        """Return the manifest of a picture whose renditions can be read."""
        fingerprint, made = recipe.fingerprint, tuple(renditions)
        return cls(READY, source, fingerprint, recipe.generation, _utc(now), made, tuple(notes), picture)

    @classmethod
    def rejected(cls, source: SourceEntry, recipe: Recipe, now: datetime, error: Reject) -> Manifest:
        """Return the manifest of a picture that cannot be rendered as it is."""
        return cls(
            REJECTED,
            source,
            recipe.fingerprint,
            recipe.generation,
            _utc(now),
            reason=error.reason,
            detail=error.detail,
        )

    def to_json(self) -> str:
        """Return the document; what does not apply to the type is left out."""
        known: dict[str, Any] = {k: v for k, v in asdict(self).items() if v is not None}
        if self.source.focus is None:
            del known["source"]["focus"]
        known["renditions"] = [{k: v for k, v in each.items() if v is not None} for each in known["renditions"]]
        return json.dumps({"version": VERSION, **known}, ensure_ascii=False)


def of_generation(document: bytes, generation: int) -> bytes:
    """Return the document with another generation.

    Raises:
        ValueError: It is no manifest.
    """
    return json.dumps({**_parsed(document), "generation": generation}, ensure_ascii=False).encode()


def notes_in(document: bytes) -> tuple[str, ...]:
    """Return the notes of a manifest.

    Raises:
        ValueError: It is no manifest.
    """
    return tuple(_parsed(document).get("notes", ()))


def _parsed(document: bytes) -> dict[str, Any]:
    manifest = json.loads(document)
    if not isinstance(manifest, dict):
        raise ValueError("a manifest is an object")
    return manifest


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
