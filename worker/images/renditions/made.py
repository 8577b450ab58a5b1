"""What rendering makes besides pixels."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Made:
    """Files and notes.

    Attributes:
        files: By name of the rendition.
        notes: Codes of `worker.contracts.notes`.
        blank: Whether every picture and frame was of one colour or transparent.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    blank: bool = True
