"""What `render` returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceFacts:
    """What the source turned out to be: Pillow's format name and the upright size in pixels."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Rendition:
    """One encoded output."""

    name: str
    data: bytes
    width: int
    height: int
    content_type: str


@dataclass(frozen=True)
class Rendered:
    """What `render` made: facts on the source, the wanted renditions, and notes for the manifest."""

    source: SourceFacts
    renditions: tuple[Rendition, ...]
    notes: tuple[str, ...] = ()
