"""What rendering makes of one picture, gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.images.look import Look


@dataclass
class Made:
    """Files, notes and the look.

    Attributes:
        files: By name of the rendition.
        notes: Codes of `worker.contracts.notes`.
        blank: Whether every picture and frame was of one colour or transparent.
        look: Of the picture, whichever renditions are wanted; none before a picture was decoded.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    blank: bool = True
    look: Look | None = None
