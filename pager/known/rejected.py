"""Which pictures are rejected as they are now: the beginning of the worker's index in the output bucket.

An entry is an empty object `_rejected/REASON/KEY`. One too many may stay there, so that the operators' command asks the manifests;
the pager may read none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

START: Final = "_rejected/"
"""Of the entries' keys; the only one that the pager may list."""


@dataclass(frozen=True)
class Rejected:
    """How many pictures are rejected, by reason; `whole` is false where there are more than one listing says."""

    reasons: Mapping[str, int]
    whole: bool

    @property
    def total(self) -> int:
        """Of all reasons."""
        return sum(self.reasons.values())


def rejected_of(s3: Any, bucket: str) -> Rejected:
    """Read the first thousand entries: one request."""
    page = s3.list_objects_v2(Bucket=bucket, Prefix=START)
    entries = [entry["Key"] for entry in page.get("Contents", [])]
    reasons = Counter(key.removeprefix(START).partition("/")[0] for key in entries)
    return Rejected(dict(reasons.most_common()), whole=not page.get("IsTruncated"))
