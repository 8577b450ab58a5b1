"""What a bucket has of one key: versions, delete markers, unfinished uploads; and what removes exactly these.

A listing begins with a key and goes on to all that begin with it: only what is the key itself counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from ops.stack.aws import translated
from worker.contracts.errors import Reject, reasons
from worker.contracts.keys import MAX_KEY_BYTES, reject_key
from worker.contracts.recipes.specs import FORMATS, MANIFEST, RENDITION_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ops.stack.aws import Clients

NULL: Final = "null"
"""Version of every object in a bucket that was never versioned:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html"""
_NAME: Final = re.compile(RENDITION_NAME)
_REASONS: Final = sorted(reasons(Reject))


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a key, or a delete marker, whose ETag is empty; `modified` in ISO 8601.

    An upload into a bucket without versions replaces one of the same id: ETag and time tell them apart.
    """

    key: str
    id: str
    etag: str
    modified: str
    is_marker: bool = False
    is_latest: bool = False

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What no other version shares."""
        return self.key, self.id, self.etag, self.modified

    def to_json(self) -> dict[str, Any]:
        """Return what a receipt says of it."""
        kind = {"delete_marker": True} if self.is_marker else {"etag": self.etag}
        return {"key": self.key, "version_id": self.id, **kind, "modified": self.modified}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Version:
        """Read what a receipt says."""
        key, id_, modified = document["key"], document["version_id"], document["modified"]
        return cls(key, id_, document.get("etag", ""), modified, document.get("delete_marker", False))


@dataclass(frozen=True)
class Objects:
    """One bucket; `label` is what sentences call it."""

    clients: Clients
    bucket: str
    label: str

    def versions(self, key: str) -> tuple[Version, ...]:
        """Return every version and delete marker of `key`.

        Raises:
            Refusal: AWS does not list them.
        """
        found: list[Version] = []
        for page in self._pages("list_object_versions", f"list versions in the {self.label}", Prefix=key):
            entries = [(each, False) for each in page.get("Versions", [])]
            entries += [(each, True) for each in page.get("DeleteMarkers", [])]
            found += [_version(each, is_marker) for each, is_marker in entries if each["Key"] == key]
            if any(each["Key"] != key for each, _ in entries):
                break  # S3 lists in order, and the key itself comes first.
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        """Return the first segments of all keys, those that only have old versions included, where a worker may have written.

        Raises:
            Refusal: AWS does not list them.
        """
        pages = self._pages("list_object_versions", f"list versions in the {self.label}", Delimiter="/")
        prefixes = [each["Prefix"].removesuffix("/") for page in pages for each in page.get("CommonPrefixes", [])]
        return tuple(name for name in prefixes if _NAME.fullmatch(name))

    def uploads(self, key: str) -> tuple[str, ...]:
        """Return the ids of the multipart uploads of `key` that nobody has finished.

        Raises:
            Refusal: AWS does not list them.
        """
        found: list[str] = []
        request = f"list unfinished uploads in the {self.label}"
        for page in self._pages("list_multipart_uploads", request, Prefix=key, EncodingType="url"):
            decoded = unquote_plus if page.get("EncodingType") == "url" else str
            found += [each["UploadId"] for each in page.get("Uploads", []) if decoded(each["Key"]) == key]
        return tuple(found)

    def text(self, key: str) -> str:
        """Return what the object of `key` holds, empty where there is none.

        Raises:
            Refusal: AWS does not hand it over.
        """
        if not any(each.is_latest and not each.is_marker for each in self.versions(key)):
            return ""
        with translated(f"read {key} in the {self.label}", self.clients.endpoint_url):
            answer = self.clients("s3").get_object(Bucket=self.bucket, Key=key)
            return str(answer["Body"].read().decode("utf-8", "replace"))

    def hide(self, current: Version) -> str | None:
        """Delete what is current, as long as it is this version; return the id of the delete marker that now hides older ones.

        It takes s3:GetObject, too (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-delete-enforce.html).

        Raises:
            Refusal: AWS did not do it, or something else is current.
        """
        with translated(f"delete {current.key} from the {self.label}", self.clients.endpoint_url):
            answer = self.clients("s3").delete_object(Bucket=self.bucket, Key=current.key, IfMatch=current.etag)
        return answer.get("VersionId") if answer.get("DeleteMarker") else None

    def remove(self, version: Version) -> None:
        """Remove one version for good.

        Raises:
            Refusal: AWS did not do it: it is locked, or one lacks the permission.
        """
        what = f"remove version {version.id} of {version.key} from the {self.label}"
        with translated(what, self.clients.endpoint_url):
            self.clients("s3").delete_object(Bucket=self.bucket, Key=version.key, VersionId=version.id)

    def abort(self, key: str, upload: str) -> None:
        """Abort an upload; its parts go with it.

        Raises:
            Refusal: AWS did not do it, or somebody has finished or aborted it.
        """
        with translated(f"abort an upload of {key} to the {self.label}", self.clients.endpoint_url):
            self.clients("s3").abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload)

    def _pages(self, action: str, request: str, **more: Any) -> Iterator[dict[str, Any]]:
        with translated(request, self.clients.endpoint_url):
            yield from self.clients("s3").get_paginator(action).paginate(Bucket=self.bucket, **more)


def output_keys(names: Iterable[str], key: str) -> list[str]:
    """Return every key that an output of the source `key` can have below `names`, or its entry as a reject, and no other source's can."""
    by_name = {name: ("json",) if name == MANIFEST else tuple(FORMATS) for name in names}
    found = [f"{name}/{key}.{extension}" for name, extensions in by_name.items() for extension in extensions]
    entries = [entry for reason in _REASONS if (entry := reject_key(key, reason))]
    return [each for each in found if len(each.encode()) <= MAX_KEY_BYTES] + entries


def _version(entry: Mapping[str, Any], is_marker: bool) -> Version:
    etag = "" if is_marker else entry["ETag"].strip('"')
    modified, id_ = entry["LastModified"].isoformat(), entry.get("VersionId") or NULL
    return Version(entry["Key"], id_, etag, modified, is_marker, bool(entry.get("IsLatest")))
