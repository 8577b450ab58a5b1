"""Which pictures are rejected, by reason: an index beside the outputs, so that one listing tells what no dead letter tells any more.

An entry is an empty object (`worker.contracts.keys.reject_key`). It is written after the manifest that says so, and removed before
one that does not: an attempt that ends in between is made again. So none is missing; one too many may stay where two workers
had the key at the same time, and a reader asks the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from worker.contracts.keys import reject_key
from worker.process.aws import translated


class Rejects(Protocol):
    """The index."""

    def note(self, key: str, reason: str) -> None:
        """Write down that a picture is rejected. Raises `Retry`."""
        ...

    def forget(self, key: str, reason: str) -> None:
        """Take the entry away. Raises `Retry`."""
        ...


@dataclass(frozen=True)
class S3Rejects:
    """`Rejects` in the output bucket. Needs s3:PutObject and DeleteObject."""

    client: Any
    bucket: str

    def note(self, key: str, reason: str) -> None:
        """See `Rejects`."""
        entry = reject_key(key, reason)
        if entry is not None:
            with translated(f"s3:PutObject {entry}"):
                self.client.put_object(Bucket=self.bucket, Key=entry, Body=b"")

    def forget(self, key: str, reason: str) -> None:
        """See `Rejects`."""
        entry = reject_key(key, reason)
        if entry is not None:
            with translated(f"s3:DeleteObject {entry}"):
                self.client.delete_object(Bucket=self.bucket, Key=entry)
