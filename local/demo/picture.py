"""The sample pictures and their folders, what must become of each, and what became of it, as its manifest says."""

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
AVATARS: Final = "avatars/"
RAW: Final = "raw/"
PAGE: Final = "page/"
RECIPES: Final[Mapping[str, Any]] = {
    AVATARS: {"thumbnail": {"width": 96, "height": 96, "fit": "cover"}, "web": False},
    RAW: False,
    PAGE: {
        "medium": {"width": 800, "height": 800},
        "teaser": {"width": 400, "height": 160, "fit": "cover", "focus": "0.5,0.2"},
    },
}
"""What the demo lays over `Pulumi.local.yaml`: squares of faces, a folder that is left alone, and what a page needs."""
FOLDERS: Final = {
    AVATARS: ("astronaut-on-her-side.jpg", "Kätzchen + Kissen.jpg"),
    RAW: ("camera.png",),
    PAGE: ("astronaut-on-her-side.jpg", "retina.jpg"),
}
"""Samples that are uploaded a second time, into folders that have recipes of their own."""
IGNORED: Final = "ignored"


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

    @classmethod
    def left_alone(cls, key: str, status: str) -> Picture:
        """Return a picture that there is no manifest of; `status` is what `where` says."""
        return cls(key, status, None, None, {}, ())

    @property
    def folder(self) -> str:
        """The prefix whose recipe the picture has; empty: the stack's."""
        return next((folder for folder in FOLDERS if self.key.startswith(folder)), "")

    @property
    def as_expected(self) -> bool:
        """Whether the picture is where it belongs."""
        if self.folder == RAW:
            return self.status == IGNORED
        if self.folder == AVATARS:
            made = [(r["name"], r["width"], r["height"]) for r in self.renditions]
            return (self.status, made) == ("ready", [("thumbnail", 96, 96)])
        expected = REJECTED.get(self.key)
        if expected is not None:
            return (self.status, self.reason) == ("rejected", expected)
        return self.status == "ready" and len(self.renditions) > 0

    def to_json(self) -> dict[str, Any]:
        """Return the picture's entry in `report.json`."""
        fields = ("name", "key", "width", "height", "bytes")
        renditions = [{field: rendition[field] for field in fields} for rendition in self.renditions]
        return {"key": self.key, "status": self.status, "reason": self.reason, "renditions": renditions}
