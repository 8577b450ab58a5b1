"""What identifies a source for the question whether an output is current: its ETag, and what else its renditions depend on.

S3's ETag is a hash of the bytes alone. A copy in place that changes only user metadata leaves it as it is, and a crop depends on the
focus in there (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from worker.contracts.notes import FOCUS_IGNORED
from worker.contracts.recipes.focus import IGNORED, METADATA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.contracts.recipes.by_prefix import Recipe
    from worker.reconcile.sources import Source, SourceHead


class Identity(NamedTuple):
    """ETag as S3 sends it, and mark of the focus (`worker.contracts.recipes.focus.mark_of`); empty where nothing is cropped."""

    etag: str
    focus: str = ""

    @classmethod
    def of(cls, source: Source | SourceHead, recipe: Recipe) -> Identity:
        """Return the identity of a source as it counts for a recipe."""
        return cls(source.etag, recipe.counted(source.focus))

    @classmethod
    def in_marks(cls, marks: Mapping[str, str]) -> Identity:
        """Return the identity of the source that an output was made from, by the output's metadata."""
        return cls(marks.get("source-etag", ""), marks.get(METADATA, ""))

    @property
    def own_focus(self) -> str | None:
        """The focus that counts instead of the recipe's."""
        return self.focus if self.focus not in {"", IGNORED} else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes of `worker.contracts.notes`."""
        return (FOCUS_IGNORED,) if self.focus == IGNORED else ()

    @property
    def marks(self) -> dict[str, str]:
        """The metadata of an output that was made from it; no focus is no mark, as in outputs that are older than it is."""
        return {"source-etag": self.etag, **({METADATA: self.focus} if self.focus else {})}
