"""The source bucket: conditional reads of originals. Nothing here ever writes to it.

ETags are kept as S3 sends them, quotes included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError

from worker.contracts.recipes.focus import METADATA, mark_of
from worker.process.aws import NOT_FOUND, status_of, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NOT_MODIFIED: Final = 304
_ARCHIVED: Final = "InvalidObjectState"


def _nothing() -> None:
    """There is no answer to close."""


@dataclass(frozen=True)
class Source:
    """A source as it is now, its size in bytes.

    Attributes:
        read: Downloads them; may be called once. Raises `Conflict` if it is another source by now.
        let_go: Closes the answer that S3 has begun, where reading has to wait: the read is a request of its own then.
        focus: The mark of its own focus (`worker.contracts.recipes.focus.mark_of`).
    """

    key: str
    etag: str
    version_id: str | None
    size: int
    read: Callable[[], bytes]
    let_go: Callable[[], None] = _nothing
    focus: str = ""


@dataclass(frozen=True)
class SourceHead:
    """Which version of a source is there now, with the mark of its focus."""

    etag: str
    version_id: str | None
    focus: str = ""


class NotModified:
    """The answer that the source still is the version that the caller knows."""


class Sources(Protocol):
    """The source bucket; nothing ever writes to it here."""

    def get(self, key: str, *, unless: str | None) -> Source | NotModified | None:
        """Return the source, `NotModified` if its ETag is `unless`, or None if there is none."""
        ...

    def head(self, key: str) -> SourceHead | None:
        """Return which version is there, None if there is none."""
        ...


@dataclass(frozen=True)
class S3Sources:
    """`Sources` on S3. Needs s3:GetObject, and s3:ListBucket so that a missing key is 404 rather than 403."""

    client: Any
    bucket: str

    def get(self, key: str, *, unless: str | None) -> Source | NotModified | None:
        """See `Sources`."""
        condition = {"IfNoneMatch": unless} if unless else {}
        with translated(f"s3:GetObject {key}"):
            try:
                answer = self.client.get_object(Bucket=self.bucket, Key=key, **condition)
            except ClientError as exc:
                if status_of(exc) == NOT_FOUND:
                    return None
                if status_of(exc) == _NOT_MODIFIED:
                    return NotModified()
                if exc.response["Error"].get("Code") == _ARCHIVED:
                    return self._archived(key, unless, exc)
                raise
        etag = answer["ETag"]
        download = _Download(lambda: self._open(key, etag), key, answer["Body"])
        version, size = answer.get("VersionId"), answer["ContentLength"]
        return Source(key, etag, version, size, download.read, download.let_go, _focus(answer))

    def _open(self, key: str, etag: str) -> Any:
        return self.client.get_object(Bucket=self.bucket, Key=key, IfMatch=etag)["Body"]

    def head(self, key: str) -> SourceHead | None:
        """See `Sources`."""
        answer = self._head(key)
        return SourceHead(str(answer["ETag"]), answer.get("VersionId"), _focus(answer)) if answer else None

    def _archived(self, key: str, unless: str | None, refusal: ClientError) -> Source | NotModified | None:
        """Return what a HEAD says of an archived source: to compare its ETag, its bytes are not needed."""
        answer = self._head(key)
        if answer is None:
            return None
        if answer["ETag"] == unless:
            return NotModified()
        version, size, read = answer.get("VersionId"), answer["ContentLength"], _refuser(refusal, key)
        return Source(key, answer["ETag"], version, size, read, focus=_focus(answer))

    def _head(self, key: str) -> Mapping[str, Any] | None:
        with translated(f"s3:HeadObject {key}"):
            try:
                return dict(self.client.head_object(Bucket=self.bucket, Key=key))
            except ClientError as exc:
                if status_of(exc) == NOT_FOUND:
                    return None
                raise


class _Download:
    """The body of a source: the one of the answer that said what it is, or of another one if that was let go."""

    def __init__(self, open_again: Callable[[], Any], key: str, body: Any) -> None:
        self._open, self._key, self._body = open_again, key, body

    def read(self) -> bytes:
        with translated(f"s3:GetObject {self._key}"):
            body, self._body = self._body or self._open(), None
            return bytes(body.read())

    def let_go(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def _focus(answer: Mapping[str, Any]) -> str:
    return mark_of(answer["Metadata"].get(METADATA))


def _refuser(refusal: ClientError, key: str) -> Callable[[], bytes]:
    def read() -> bytes:
        with translated(f"s3:GetObject {key}"):
            raise refusal

    return read
