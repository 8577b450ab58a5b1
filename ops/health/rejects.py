"""Pictures that are rejected as they are now, with or without a dead letter: what the worker's index in the output bucket lists.

An entry too many may stay there (`worker/reconcile/rejects.py`), so that a picture's manifest is asked before it is shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ops.stack.parallel import each_with_result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ops.stack.buckets import Pictures
    from ops.stack.picture import ManifestState, RejectEntry

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
    entries = (entry for entry in pictures.rejects() if not reasons or entry.reason in reasons)
    for entry, manifest in _with_manifests(pictures, entries):
        if manifest is not None:
            yield Rejected(entry.key, manifest)


def _with_manifests(
    pictures: Pictures, entries: Iterable[RejectEntry]
) -> Iterator[tuple[RejectEntry, ManifestState | None]]:
    """Yield each entry with the manifest that says the same, None where it does not."""
    for entry, manifest in each_with_result(lambda entry: pictures.manifest(entry.key), entries):
        is_true = manifest is not None and manifest.is_rejected and manifest.reason == entry.reason
        yield entry, manifest if is_true else None


@dataclass(frozen=True)
class AtRest:
    """Entries of the index whose pictures no dead letter tells of.

    Attributes:
        reasons: How many there are of each.
        is_all: False where there are more than one listing says.
        known: The entries that were held against their manifests, and whether these say the same.
    """

    reasons: Mapping[str, int] = field(default_factory=dict)
    is_all: bool = True
    known: Mapping[RejectEntry, bool] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, pictures: Pictures, lettered: Collection[str], earlier: AtRest | None = None) -> AtRest:
        """Read the beginning of the index; `lettered` are keys that have a dead letter. Few entries are held against the manifests.

        What was found `earlier` is true as long as the entry was not written anew: the worker removes it before it writes another
        manifest.

        Raises:
            Refusal: AWS does not show it.
        """
        entries, is_all = pictures.first_rejects()
        alone = [entry for entry in entries if entry.key not in lettered]
        if len(alone) > _FEW:
            return cls(Counter(entry.reason for entry in alone), is_all)
        known = dict(earlier.known) if earlier else {}
        new = [entry for entry in alone if entry not in known]
        known |= {entry: manifest is not None for entry, manifest in _with_manifests(pictures, new)}
        known = {entry: known[entry] for entry in alone}
        return cls(Counter(entry.reason for entry in alone if known[entry]), is_all, known)

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
