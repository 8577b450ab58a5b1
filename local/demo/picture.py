"""The sample pictures, what must become of each, and what became of it, as its manifest says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from local import ROOT
from worker.contracts.manifest import READY

if TYPE_CHECKING:
    from collections.abc import Mapping

SAMPLES: Final = ROOT / "samples"
REJECTED: Final = {"not-a-picture.jpg": "unsupported-format", "truncated.jpg": "truncated"}
"""The samples that must fail, with their reasons; every other one must become ready."""


@dataclass(frozen=True)
class Picture:
    """What became of one sample; `source` and `renditions` are as in its manifest."""

    key: str
    status: str
    reason: str | None
    detail: str | None
    source: Mapping[str, Any]
    renditions: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, key: str, manifest: Mapping[str, Any]) -> Picture:
        """Return what the manifest says of `key`."""
        status = "ready" if manifest["type"] == READY else "rejected"
        renditions = tuple(manifest["renditions"])
        return cls(key, status, manifest.get("reason"), manifest.get("detail"), manifest["source"], renditions)

    @property
    def as_expected(self) -> bool:
        """Whether the picture is where it belongs."""
        expected = REJECTED.get(self.key)
        if expected is not None:
            return (self.status, self.reason) == ("rejected", expected)
        return self.status == "ready" and len(self.renditions) > 0

    def to_json(self) -> dict[str, Any]:
        """Return the picture's entry in `report.json`."""
        fields = ("name", "key", "width", "height", "bytes")
        renditions = [{field: rendition[field] for field in fields} for rendition in self.renditions]
        return {"key": self.key, "status": self.status, "reason": self.reason, "renditions": renditions}
