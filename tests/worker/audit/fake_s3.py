"""An S3 in memory as the worker and the auditor use it: conditions, listings in pages, and times of whole seconds."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PAGE = 7
"""Keys in a page, so that a few pictures take several."""


@dataclass(frozen=True)
class Stored:
    """An object; ETag with quotes, as S3 sends it."""

    data: bytes
    etag: str
    modified: float
    metadata: Mapping[str, str]
    storage_class: str = "STANDARD"


@dataclass
class FakeS3:
    """All buckets; `now` is the time in seconds since the epoch."""

    now: Callable[[], float]
    objects: dict[tuple[str, str], Stored] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def keys(self, bucket: str) -> list[str]:
        return sorted(key for found, key in self.objects if found == bucket)

    def store(self, bucket: str, key: str, data: bytes, *, parts: int = 0, modified: float | None = None, **metadata):
        digest = hashlib.md5(data).hexdigest()  # noqa: S324 - as S3 does
        etag = f'"{digest}-{parts}"' if parts else f'"{digest}"'
        self.objects[bucket, key] = Stored(data, etag, self.now() if modified is None else modified, metadata)

    # S3's own requests.

    def get_object(self, *, Bucket, Key, IfMatch=None, IfNoneMatch=None):  # noqa: N803
        self.requests.append("GET")
        found = self._found(Bucket, Key)
        if IfMatch and found.etag != IfMatch:
            raise _refused(412)
        if IfNoneMatch == found.etag:
            raise _refused(304)
        return {**self._head(found), "Body": io.BytesIO(found.data)}

    def head_object(self, *, Bucket, Key):  # noqa: N803
        self.requests.append("HEAD")
        return self._head(self._found(Bucket, Key))

    def put_object(self, *, Bucket, Key, Body, IfMatch=None, IfNoneMatch=None, Metadata=None, **_):  # noqa: N803
        there = self.objects.get((Bucket, Key))
        if (IfNoneMatch and there) or (IfMatch and (there is None or there.etag != IfMatch)):
            raise _refused(412)
        self.store(Bucket, Key, Body, **(Metadata or {}))
        return {"ETag": self.objects[Bucket, Key].etag}

    def delete_object(self, *, Bucket, Key, IfMatch=None):  # noqa: N803
        if IfMatch and self._found(Bucket, Key).etag != IfMatch:
            raise _refused(412)
        self.objects.pop((Bucket, Key), None)

    def get_paginator(self, _operation):
        return self

    def paginate(self, *, Bucket, Prefix="", StartAfter="", Delimiter=None) -> Iterator[dict[str, Any]]:  # noqa: N803
        keys = [key for key in self.keys(Bucket) if key.startswith(Prefix) and key > StartAfter]
        if Delimiter:
            folders = dict.fromkeys(key.partition("/")[0] + "/" for key in keys if "/" in key)
            yield {"CommonPrefixes": [{"Prefix": folder} for folder in folders]}
            return
        for first in range(0, max(len(keys), 1), PAGE):
            self.requests.append("LIST")
            yield {"Contents": [self._entry(Bucket, key) for key in keys[first : first + PAGE]]}

    def _entry(self, bucket: str, key: str) -> dict[str, Any]:
        found = self.objects[bucket, key]
        modified = datetime.fromtimestamp(int(found.modified), UTC)
        return {"Key": key, "ETag": found.etag, "LastModified": modified, "StorageClass": found.storage_class}

    def _found(self, bucket: str, key: str) -> Stored:
        if (bucket, key) not in self.objects:
            raise _refused(404)
        return self.objects[bucket, key]

    def _head(self, found: Stored) -> dict[str, Any]:
        return {"ETag": found.etag, "ContentLength": len(found.data), "Metadata": dict(found.metadata)}


def _refused(status: int) -> ClientError:
    answer = {"Error": {"Code": str(status), "Message": "refused"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "request")  # type: ignore[arg-type]
