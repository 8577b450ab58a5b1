"""The two buckets of a stack, asked about one picture, or listed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.stack.aws import code_of, is_not_found, translated
from ops.stack.picture import Listed, ManifestState, RejectEntry, RenditionState, Restore, SourceState
from worker.contracts.errors import KeyTooLong
from worker.contracts.keys import REJECTS, in_reject_key, manifest_key, rendition_key
from worker.contracts.names import ARCHIVES
from worker.contracts.recipes.focus import METADATA, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ops.stack.aws import Clients
    from worker.contracts.recipes.specs import RenditionSpec

_STANDARD: Final = "STANDARD"
_MAY_BE_ARCHIVED: Final = "INTELLIGENT_TIERING"
"""Only a HEAD says whether an object in this class is in one of its archive tiers."""


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
        is_archived = (storage_class in ARCHIVES or "ArchiveStatus" in head) and not is_restored
        etag, version_id, size = head["ETag"].strip('"'), head.get("VersionId"), head["ContentLength"]
        focus = mark_of(head["Metadata"].get(METADATA))
        return SourceState(etag, version_id, size, head["LastModified"], storage_class, is_archived, restore, focus)

    def archived(self, prefix: str) -> Iterator[str]:
        """Yield the keys of originals that may have to be restored before they can be read.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        return (listed.key for listed in self.listed(prefix) if listed.storage_class in {*ARCHIVES, _MAY_BE_ARCHIVED})

    def listed(self, prefix: str, after: str = "") -> Iterator[Listed]:
        """Yield what the source bucket has under `prefix`, in the order of the keys' bytes, and only after the key `after`.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        pages = self.clients("s3").get_paginator("list_objects_v2")
        start = {"StartAfter": after} if after else {}
        with translated("list the source bucket", self.clients.endpoint_url):
            for page in pages.paginate(Bucket=self.source_bucket, Prefix=prefix, **start):
                for entry in page.get("Contents", []):
                    storage_class = entry.get("StorageClass", _STANDARD)
                    etag, size, modified_at = entry["ETag"].strip('"'), entry["Size"], entry["LastModified"]
                    yield Listed(entry["Key"], etag, storage_class, size, modified_at)

    def rejects(self) -> Iterator[RejectEntry]:
        """Yield each entry in the index of rejected pictures; one too many may be there.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        pages = self.clients("s3").get_paginator("list_objects_v2")
        with translated("list the output bucket", self.clients.endpoint_url):
            for page in pages.paginate(Bucket=self.output_bucket, Prefix=REJECTS):
                yield from _reject_entries(page)

    def first_rejects(self) -> tuple[list[RejectEntry], bool]:
        """Return what one listing says of that index, and whether it is all.

        Raises:
            Refusal: AWS does not show the bucket.
        """
        with translated("list the output bucket", self.clients.endpoint_url):
            page = self.clients("s3").list_objects_v2(Bucket=self.output_bucket, Prefix=REJECTS)
        return list(_reject_entries(page)), not page.get("IsTruncated")

    def download(self, key: str, path: Path) -> None:
        """Read an original into a file.

        Raises:
            Refusal: AWS does not hand it over.
        """
        self._download(self.source_bucket, key, path)

    def download_output(self, key: str, path: Path) -> None:
        """Read an output into a file.

        Raises:
            Refusal: AWS does not hand it over.
        """
        self._download(self.output_bucket, key, path)

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
        etag, focus = marks.get("source-etag", "").strip('"'), marks.get(METADATA, "")
        return RenditionState(spec.name, output, head["ContentLength"], etag, marks.get("recipe"), focus)

    def _download(self, bucket: str, key: str, path: Path) -> None:
        with translated(f"read {key} in {bucket}", self.clients.endpoint_url):
            self.clients("s3").download_file(bucket, key, str(path))

    def _head(self, bucket: str, key: str) -> Mapping[str, Any] | None:
        with translated(f"look at {key} in {bucket}", self.clients.endpoint_url):
            try:
                return dict(self.clients("s3").head_object(Bucket=bucket, Key=key))
            except ClientError as exc:
                if is_not_found(exc):
                    return None
                raise


def _reject_entries(page: Mapping[str, Any]) -> Iterator[RejectEntry]:
    return (RejectEntry(*in_reject_key(entry["Key"]), entry["LastModified"]) for entry in page.get("Contents", []))
