"""Marks originals whose renditions are ready with a tag: the source bucket's lifecycle archives those and no others.

The bucket sends no event for a tag, so tagging never starts the pipeline again. A version is tagged, never the key: a
picture that replaced another since has an event of its own.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from worker.contracts.names import NOT_TAGGED, TAG_KEY, TAG_VALUE
from worker.process.aws import translated
from worker.process.log import log

if TYPE_CHECKING:
    from collections.abc import Sequence

    Tags = Sequence[dict[str, str]]

MOST: Final = 10
"""Tags that an object can have."""


class Originals(Protocol):
    """Marks what may be archived, by key and version; both methods raise `Conflict` where the version is gone, or `Retry`."""

    def mark(self, key: str, version_id: str | None) -> None:
        """Let the version be archived."""
        ...

    def unmark(self, key: str, version_id: str | None) -> None:
        """Keep the version out of the archive."""
        ...


@dataclass(frozen=True)
class TaggedOriginals:
    """`Originals` on S3. Needs s3:GetObjectVersionTagging and s3:PutObjectVersionTagging."""

    client: Any
    bucket: str

    def mark(self, key: str, version_id: str | None) -> None:
        """See `Originals`. The uploader's tags stay; where they leave no room, the original is not archived, and that is logged."""
        tags = self._tags(key, version_id)
        if _is_marked(tags):
            return
        others = _others(tags)
        if len(others) >= MOST:
            log(
                NOT_TAGGED, key=key, version=version_id, detail=f"It has {MOST} tags already, and will not be archived."
            )
            return
        self._put(key, version_id, [*others, {"Key": TAG_KEY, "Value": TAG_VALUE}])

    def unmark(self, key: str, version_id: str | None) -> None:
        """See `Originals`. A picture that was copied from a ready one came with its tag."""
        tags = self._tags(key, version_id)
        if _is_marked(tags):
            self._put(key, version_id, _others(tags))

    def _tags(self, key: str, version_id: str | None) -> Tags:
        with translated(f"s3:GetObjectTagging {key}"):
            answer = self.client.get_object_tagging(Bucket=self.bucket, Key=key, **_version(version_id))
        return list(answer["TagSet"])

    def _put(self, key: str, version_id: str | None, tags: Tags) -> None:
        with translated(f"s3:PutObjectTagging {key}"):
            self.client.put_object_tagging(
                Bucket=self.bucket, Key=key, Tagging={"TagSet": list(tags)}, **_version(version_id)
            )


def _is_marked(tags: Tags) -> bool:
    return {"Key": TAG_KEY, "Value": TAG_VALUE} in tags


def _others(tags: Tags) -> list[dict[str, str]]:
    return [tag for tag in tags if tag["Key"] != TAG_KEY]


def _version(version_id: str | None) -> dict[str, str]:
    return {"VersionId": version_id} if version_id else {}
