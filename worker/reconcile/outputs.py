"""The output bucket: conditional writes of renditions and manifests.

Every write states what its writer has seen there; S3 refuses it when another writer was faster, and that is `Conflict`:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
ETags are kept as S3 sends them, quotes included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from worker.process.aws import NOT_FOUND, status_of, translated

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Head:
    """The answer to a HEAD of an output: ETag, size in bytes, user metadata."""

    etag: str
    size: int
    metadata: Mapping[str, str]


class Outputs(Protocol):
    """The output bucket. `expected` is the head that the caller has seen; None: nothing was there."""

    def head(self, key: str) -> Head | None:
        """Return the head of an output, None if there is none."""
        ...

    def read(self, key: str, *, expected: Head) -> bytes:
        """Return an output's bytes. Raises `Conflict` if what is there is not `expected`."""
        ...

    def put(
        self, key: str, data: bytes, content_type: str, metadata: Mapping[str, str], *, expected: Head | None
    ) -> None:
        """Write an output. Raises `Conflict` if what is there is not `expected`."""
        ...

    def delete(self, key: str, *, expected: Head) -> None:
        """Delete an output. Raises `Conflict` if what is there is not `expected`."""
        ...


@dataclass(frozen=True)
class S3Outputs:
    """`Outputs` on S3. Needs s3:GetObject, PutObject, DeleteObject, and s3:ListBucket on the bucket."""

    client: Any
    bucket: str
    cache_control: str

    def head(self, key: str) -> Head | None:
        """See `Outputs`."""
        with translated(f"s3:HeadObject {key}"):
            try:
                answer = self.client.head_object(Bucket=self.bucket, Key=key)
            except ClientError as exc:
                if status_of(exc) == NOT_FOUND:
                    return None
                raise
        return Head(answer["ETag"], answer["ContentLength"], answer["Metadata"])

    def read(self, key: str, *, expected: Head) -> bytes:
        """See `Outputs`."""
        with translated(f"s3:GetObject {key}"):
            return bytes(self.client.get_object(Bucket=self.bucket, Key=key, IfMatch=expected.etag)["Body"].read())

    def put(
        self, key: str, data: bytes, content_type: str, metadata: Mapping[str, str], *, expected: Head | None
    ) -> None:
        """See `Outputs`."""
        condition = {"IfMatch": expected.etag} if expected else {"IfNoneMatch": "*"}
        with translated(f"s3:PutObject {key}"):
            self.client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=data,
                ContentType=content_type,
                CacheControl=self.cache_control,
                Metadata=dict(metadata),
                **condition,
            )

    def delete(self, key: str, *, expected: Head) -> None:
        """See `Outputs`."""
        with translated(f"s3:DeleteObject {key}"):
            self.client.delete_object(Bucket=self.bucket, Key=key, IfMatch=expected.etag)
