"""What the two buckets have of one picture: the source as it is now, its manifest, its renditions. Values; asks nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from worker.contracts.attributes import time_in
from worker.contracts.manifest import READY, REJECTED
from worker.contracts.names import ARCHIVES
from worker.contracts.notes import FOCUS_IGNORED
from worker.contracts.recipes.focus import IGNORED

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Restore:
    """A restore that was requested: under way, or done and readable until a time, UTC."""

    is_under_way: bool
    until: datetime | None

    @classmethod
    def read(cls, header: str | None) -> Restore | None:
        """Read x-amz-restore (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html), which may be missing."""
        if not header:
            return None
        until = re.search(r'expiry-date="([^"]+)"', header)
        return cls('ongoing-request="true"' in header, parsedate_to_datetime(until[1]) if until else None)

    def __str__(self) -> str:
        """Say it in words."""
        if self.is_under_way:
            return "being restored"
        return "restored" + (f" until {self.until:%Y-%m-%dT%H:%M:%SZ}" if self.until else "")

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"is_under_way": self.is_under_way, "until": self.until and self.until.isoformat()}


@dataclass(frozen=True)
class SourceState:
    """The source now; ETag without quotes, size in bytes; archived: it cannot be read before it is restored.

    `focus` is the mark of its own (`worker.contracts.recipes.focus.mark_of`).
    """

    etag: str
    version_id: str | None
    size: int
    modified_at: datetime
    storage_class: str
    is_archived: bool
    restore: Restore | None = None
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An original as the source bucket lists it; ETag without quotes, size in bytes, time in UTC."""

    key: str
    etag: str
    storage_class: str
    size: int
    modified_at: datetime

    @property
    def is_archived(self) -> bool:
        """Whether it can only be read after a restore; in Intelligent-Tiering only a HEAD says so."""
        return self.storage_class in ARCHIVES


@dataclass(frozen=True, slots=True)
class RejectEntry:
    """An entry in the index of rejected pictures, written anew, `noted_at` UTC, with each verdict."""

    key: str
    reason: str
    noted_at: datetime


@dataclass(frozen=True)
class ManifestState:
    """What the manifest says; ETag without quotes. `document` is all of it."""

    document: Mapping[str, Any] = field(repr=False)

    @property
    def is_ready(self) -> bool:
        """Whether the renditions can be read."""
        return self.document.get("type") == READY

    @property
    def is_rejected(self) -> bool:
        """Whether the worker refused the picture."""
        return self.document.get("type") == REJECTED

    @property
    def etag(self) -> str | None:
        """Of the source that it is about."""
        etag = self.document.get("source", {}).get("etag")
        return None if etag is None else str(etag)

    @property
    def focus(self) -> str:
        """The mark of the focus of the source that it is about, where something was cropped."""
        own = self.document.get("source", {}).get("focus")
        return str(own or (IGNORED if FOCUS_IGNORED in self.document.get("notes", []) else ""))

    @property
    def recipe(self) -> str | None:
        """That the picture was judged by."""
        return self.document.get("recipe")

    def has_look(self, origin: str) -> bool:
        """Whether it says what the picture looks like, and where this delivery has it: those of a former worker do not."""
        named = [str(each.get("url", "")) for each in self.document.get("renditions", []) if each.get("version")]
        present = (url.startswith(f"{origin}/") if origin else not url for url in named)
        return bool(self.document.get("picture")) and all(present)

    @property
    def reason(self) -> str:
        """Why it was rejected; empty if it was not."""
        return str(self.document.get("reason") or "")

    @property
    def processed_at(self) -> datetime:
        """When it was written, UTC; long ago where it does not say."""
        found = time_in(self.document.get("processed_at"))
        return found or datetime.min.replace(tzinfo=UTC)

    @property
    def renditions(self) -> list[tuple[str, str]]:
        """Name and key of each rendition."""
        return [(str(each["name"]), str(each["key"])) for each in self.document.get("renditions", [])]


@dataclass(frozen=True)
class RenditionState:
    """One rendition that there should be; `source_etag` (without quotes) and `recipe` are None where there is none.

    `focus` is the mark of the source's, where something was cropped.
    """

    name: str
    key: str
    size: int | None
    source_etag: str | None
    recipe: str | None
    focus: str = ""
