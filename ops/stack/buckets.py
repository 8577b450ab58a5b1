"""One picture in the two buckets: the source as it is now, its manifest, its renditions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.stack.aws import code_of, is_not_found, translated
from worker.contracts.attributes import time_in
from worker.contracts.errors import KeyTooLong
from worker.contracts.keys import manifest_key, rendition_key
from worker.contracts.manifest import READY, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ops.stack.aws import Clients
    from worker.contracts.recipes.specs import RenditionSpec

_STANDARD: Final = "STANDARD"
_ARCHIVES: Final = {"GLACIER", "DEEP_ARCHIVE"}
_MAY_BE_ARCHIVED: Final = "INTELLIGENT_TIERING"
"""Only a HEAD says whether an object in this class is in one of its archive tiers."""


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
    """The source now; ETag without quotes, size in bytes; archived: it cannot be read before it is restored."""

    etag: str
    version_id: str | None
    size: int
    modified_at: datetime
    storage_class: str
    is_archived: bool
    restore: Restore | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An original as the source bucket lists it; ETag without quotes, size in bytes."""

    key: str
    etag: str
    storage_class: str
    size: int

    @property
    def is_archived(self) -> bool:
        """Whether it can only be read after a restore; in Intelligent-Tiering only a HEAD says so."""
        return self.storage_class in _ARCHIVES


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
    def recipe(self) -> str | None:
        """That the picture was judged by."""
        return self.document.get("recipe")

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
    """One rendition that there should be; `source_etag` (without quotes) and `recipe` are None where there is none."""

    name: str
    key: str
    size: int | None
    source_etag: str | None
    recipe: str | None


@dataclass(frozen=True)
class Pictures:
    """The buckets of one stack."""

    clients: Clients
    source_bucket: str
    output_bucket: str

    def source(self, key: str) -> SourceState | None:
        """Return the source, None if there is none.

        Raises:
            Refusal: AWS does not say.
        """
        head = self._head(self.source_bucket, key)
        if head is None:
            return None
        storage_class = head.get("StorageClass", _STANDARD)
        restore = Restore.read(head.get("Restore"))
        is_restored = restore is not None and not restore.is_under_way
        is_archived = (storage_class in _ARCHIVES or "ArchiveStatus" in head) and not is_restored
        etag, version_id, size = head["ETag"].strip('"'), head.get("VersionId"), head["ContentLength"]
        return SourceState(etag, version_id, size, head["LastModified"], storage_class, is_archived, restore)

    def archived(self, prefix: str) -> Iterator[str]:
        """Yield the keys of originals that may have to be restored before they can be read.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        return (listed.key for listed in self.listed(prefix) if listed.storage_class in {*_ARCHIVES, _MAY_BE_ARCHIVED})

    def listed(self, prefix: str) -> Iterator[Listed]:
        """Yield what the source bucket has under `prefix`.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        pages = self.clients("s3").get_paginator("list_objects_v2")
        with translated("list the source bucket", self.clients.endpoint_url):
            for page in pages.paginate(Bucket=self.source_bucket, Prefix=prefix):
                for entry in page.get("Contents", []):
                    storage_class = entry.get("StorageClass", _STANDARD)
                    yield Listed(entry["Key"], entry["ETag"].strip('"'), storage_class, entry["Size"])

    def download(self, key: str, path: Path) -> None:
        """Read an original into a file.

        Raises:
            Refusal: AWS does not hand it over.
        """
        with translated(f"read {key}", self.clients.endpoint_url):
            self.clients("s3").download_file(self.source_bucket, key, str(path))

    def restore(self, key: str, version_id: str | None, request: Mapping[str, Any]) -> None:
        """Ask S3 to restore an original; one that it restores already is left to it.

        Raises:
            Refusal: AWS does not do it.
        """
        version = {"VersionId": version_id} if version_id else {}
        with translated(f"restore {key}", self.clients.endpoint_url):
            try:
                self.clients("s3").restore_object(
                    Bucket=self.source_bucket, Key=key, RestoreRequest=dict(request), **version
                )
            except ClientError as exc:
                if code_of(exc) != "RestoreAlreadyInProgress":
                    raise

    def manifest(self, key: str) -> ManifestState | None:
        """Return the manifest of a source key, None if there is none.

        Raises:
            Refusal: AWS does not say.
        """
        with translated(f"read the manifest of {key}", self.clients.endpoint_url):
            try:
                answer = self.clients("s3").get_object(Bucket=self.output_bucket, Key=manifest_key(key))
                return ManifestState(json.loads(answer["Body"].read()))
            except KeyTooLong:
                return None
            except ClientError as exc:
                if is_not_found(exc):
                    return None
                raise

    def rendition(self, spec: RenditionSpec, key: str) -> RenditionState:
        """Return what there is of one rendition.

        Raises:
            Refusal: AWS does not say.
        """
        output = rendition_key(spec, key)
        head = self._head(self.output_bucket, output)
        if head is None:
            return RenditionState(spec.name, output, None, None, None)
        marks = head["Metadata"]
        etag = marks.get("source-etag", "").strip('"')
        return RenditionState(spec.name, output, head["ContentLength"], etag, marks.get("recipe"))

    def _head(self, bucket: str, key: str) -> Mapping[str, Any] | None:
        with translated(f"look at {key} in {bucket}", self.clients.endpoint_url):
            try:
                return dict(self.clients("s3").head_object(Bucket=bucket, Key=key))
            except ClientError as exc:
                if is_not_found(exc):
                    return None
                raise
