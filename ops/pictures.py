"""What the two buckets hold of one picture: the source as it is now, its manifest, its renditions. Reads only."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.aws import is_not_found, translated
from worker.errors import KeyTooLong
from worker.keys import manifest_key, rendition_key
from worker.manifest import READY, REJECTED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ops.aws import Clients
    from ops.stack import Stack
    from worker.recipe import RenditionSpec

_ARCHIVES: Final = {"GLACIER", "DEEP_ARCHIVE"}


@dataclass(frozen=True)
class SourceState:
    """The source now; ETag without quotes, size in bytes; archived: it cannot be read before it is restored."""

    etag: str
    version_id: str | None
    size: int
    modified_at: datetime
    storage_class: str
    is_archived: bool


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

    @classmethod
    def of(cls, clients: Clients, stack: Stack) -> Pictures:
        """Return those of `stack`."""
        return cls(clients, stack.source_bucket, stack.output_bucket)

    def source(self, key: str) -> SourceState | None:
        """Return the source, None if there is none.

        Raises:
            Refusal: AWS does not say.
        """
        head = self._head(self.source_bucket, key)
        if head is None:
            return None
        storage_class = head.get("StorageClass", "STANDARD")
        is_restored = 'ongoing-request="false"' in head.get("Restore", "")
        is_archived = (storage_class in _ARCHIVES or "ArchiveStatus" in head) and not is_restored
        etag, version_id, size = head["ETag"].strip('"'), head.get("VersionId"), head["ContentLength"]
        return SourceState(etag, version_id, size, head["LastModified"], storage_class, is_archived)

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
