"""Pictures that are rejected as they are now, with or without a dead letter: what the worker's index in the output bucket lists.

An entry too many may stay there (`worker/reconcile/rejects.py`), so that a picture's manifest is asked before it is shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ops.dead_letters.verdict import ARCHIVED, OF_THE_CONFIGURATION
from ops.stack.parallel import each_with_result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ops.session import Session
    from ops.stack.buckets import Pictures
    from ops.stack.picture import ManifestState

_FEW: Final = 100
"""Manifests that `status` reads."""


@dataclass(frozen=True)
class Rejected:
    """A rejected picture, and what its manifest says of it."""

    key: str
    manifest: ManifestState

    def line(self) -> str:
        """Return it for people."""
        return f"{self.manifest.reason:<19}  {self.manifest.processed_at:%Y-%m-%dT%H:%M:%SZ}  {self.key}"

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "key": self.key,
            "reason": self.manifest.reason,
            "detail": self.manifest.document.get("detail"),
            "rejected_at": self.manifest.processed_at.isoformat(),
        }


def rejected(pictures: Pictures, reasons: Collection[str] = ()) -> Iterator[Rejected]:
    """Yield the pictures that are rejected, by reason and key; of these `reasons` alone, where there are any.

    Raises:
        Refusal: AWS does not show the bucket.
    """
    return _of_entries(pictures, (entry for entry in pictures.rejects() if not reasons or entry[1] in reasons))


def _of_entries(pictures: Pictures, entries: Iterable[tuple[str, str]]) -> Iterator[Rejected]:
    for (key, reason), manifest in each_with_result(lambda entry: pictures.manifest(entry[0]), entries):
        if manifest is not None and manifest.is_rejected and manifest.reason == reason:
            yield Rejected(key, manifest)


def next_for(session: Session, reason: str) -> str:
    """Return what makes a picture that was rejected for `reason` ready, or what to try."""
    if reason == ARCHIVED:
        return f"restore it: {session.command('restore', 'KEY')}"
    if reason in OF_THE_CONFIGURATION:
        return f"change the configuration, deploy it, then {session.command('backfill', '--outdated')}"
    return "upload a better picture under the same key"


@dataclass(frozen=True)
class AtRest:
    """Entries of the index whose pictures no dead letter tells of.

    Attributes:
        reasons: How many there are of each.
        is_all: False where there are more than one listing says.
    """

    reasons: Mapping[str, int] = field(default_factory=dict)
    is_all: bool = True

    @classmethod
    def of(cls, pictures: Pictures, lettered: Collection[str]) -> AtRest:
        """Read the beginning of the index; `lettered` are keys that have a dead letter. Few entries are held against the manifests.

        Raises:
            Refusal: AWS does not show it.
        """
        entries, is_all = pictures.first_rejects()
        alone = [entry for entry in entries if entry[0] not in lettered]
        if len(alone) <= _FEW:
            return cls(Counter(each.manifest.reason for each in _of_entries(pictures, alone)), is_all)
        return cls(Counter(reason for _, reason in alone), is_all)

    @property
    def total(self) -> int:
        """Of all reasons."""
        return sum(self.reasons.values())

    def __str__(self) -> str:
        """Return such as `10 without a dead letter: 6 truncated, 4 empty-file`."""
        if not self.total:
            return "none without a dead letter"
        more = "" if self.is_all else " or more"
        counts = ", ".join(f"{count} {reason}" for reason, count in sorted(self.reasons.items()))
        return f"{self.total}{more} without a dead letter: {counts}"
